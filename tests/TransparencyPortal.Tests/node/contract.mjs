// What a program in another language finds out about the contract: the AsyncAPI document is one, by the specification's own schema,
// and each event that it gets on the way is what the schemas promise.
import { createRequire } from 'node:module';
import Ajv from 'ajv';
import Ajv2020 from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';

const specs = createRequire(import.meta.url)('@asyncapi/specs/schemas/3.0.0.json');
let input = '';
for await (const chunk of process.stdin)
    input += chunk;
const { asyncApi, schemas, events } = JSON.parse(input);
const problems = [];

const ofDocuments = addFormats(new Ajv({ strict: false, meta: false, validateSchema: false })).compile(specs);
if (!ofDocuments(asyncApi))
    problems.push(...ofDocuments.errors.slice(0, 5).map(error => `asyncapi ${error.instancePath}: ${error.message}`));

const ajv = addFormats(new Ajv2020({ strict: false, allErrors: true }));
ajv.addFormat('local-date-time', /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?$/);
ajv.addFormat('local-time', /^\d\d:\d\d:\d\d(\.\d+)?$/);
const valid = Object.fromEntries(Object.entries(schemas).map(([type, schema]) => [type, ajv.compile(schema)]));
const ofDocument = type => ajv.compile({ ...asyncApi.components.messages[type].payload, components: asyncApi.components });
let broken = 0;
for (const event of events) {
    if (!valid[event.type](event))
        problems.push(`${event.type}: ${ajv.errorsText(valid[event.type].errors)}`);
    if (!ofDocument(event.type)(event))
        problems.push(`${event.type} by the AsyncAPI document is none`);
    // A schema that takes everything says nothing.
    for (const name of Object.keys(event.data)) {
        const other = { ...event, data: { ...event.data, [name]: typeof event.data[name] === 'object' ? 'x' : { x: 1 } } };
        if (!valid[event.type](other))
            broken++;
        else
            problems.push(`${event.type}: ${name} may be anything`);
    }
}
console.log(JSON.stringify({ problems, broken }));
