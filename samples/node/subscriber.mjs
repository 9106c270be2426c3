// Follows the public events: reads the feeds to their end, then takes its own queue. What it knows is the newest word on each
// subject, in one file that is whole at every moment.
//
//   npm install
//   node subscriber.mjs http://localhost:8080 known.json amqp://subscriber.tesoreria:…@127.0.0.1:25672
//
// Without the last argument it reads the feeds alone, and ends.
import amqp from 'amqplib';
import { appendFile, readFile, rename, writeFile } from 'node:fs/promises';

const [gateway, file, broker] = process.argv.slice(2);
const services = ['organizations', 'agenda', 'budget', 'distribution'];
const known = await readFile(file, 'utf8').then(JSON.parse, () => ({ positions: {}, subjects: {} }));

// To another name first: a crash in the middle leaves the file of before.
async function save() {
    await writeFile(`${file}.new`, JSON.stringify(known));
    await rename(`${file}.new`, file);
}

function apply(event) {
    const note = event.type.match(/\.publication\.(withdrawn|corrected)\.v1$/)?.[1];
    if (note) {
        // Something said earlier is taken back: its words go. What remains is that there was something.
        const about = known.subjects[event.data.about];
        if (note === 'withdrawn' && about?.id === event.data.publicationId)
            delete about.data;
        return;
    }
    // The same again, or something older that comes late, changes nothing.
    const before = known.subjects[event.subject];
    if (before && before.version >= event.data.version)
        return;
    known.subjects[event.subject] = { id: event.id, type: event.type, version: event.data.version, ...(event.withdrawn ? {} : { data: event.data }) };
    console.log(`${event.type} ${event.subject} ${event.data.version}`);
}

async function catchUp(service) {
    for (let after = known.positions[service] ?? 0; ;) {
        const answer = await fetch(`${gateway}/v1/${service}/published?after=${after}&limit=1000`);
        if (answer.status === 429 || answer.status >= 500) { // Too fast, or away: later.
            await new Promise(done => setTimeout(done, 1000 * Number(answer.headers.get('Retry-After') ?? 1)));
            continue;
        }
        const page = await answer.json();
        if (page.items.length === 0)
            return;
        page.items.forEach(apply);
        known.positions[service] = after = page.next;
        await save();
    }
}

for (const service of services)
    await catchUp(service);
console.log('caught up');

if (broker) {
    const connection = await amqp.connect(broker);
    const channel = await connection.createChannel();
    const queue = new URL(broker).username; // The user's name is the queue's.
    const end = reason => {
        console.error(reason ?? 'the connection ended');
        process.exit(1); // Whoever runs this starts it again, and it catches up.
    };
    connection.on('error', end).on('close', () => end());
    await channel.prefetch(50);
    let busy = Promise.resolve();
    await channel.consume(queue, message => {
        if (message === null)
            return end('the broker ended the subscription');
        // One at a time, and acknowledged once it is on the disk. What is no event is kept aside for a person: it would come again for ever.
        busy = busy.then(async () => {
            try {
                apply(JSON.parse(message.content.toString('utf8')));
            } catch (unreadable) {
                await appendFile(`${file}.refused`, `${message.content.toString('base64')}\n`);
                console.error(`kept aside: ${unreadable.message}`);
            }
            await save();
            channel.ack(message);
        }).catch(end);
    });
    // The queue cannot say that it dropped something while this was away: the feed is read again each night.
    setInterval(() => { busy = busy.then(async () => { for (const service of services) await catchUp(service); }).catch(end); }, 24 * 3600_000);
}
