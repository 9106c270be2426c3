// A subscriber as another municipality would write it: reads its own queue, and tries what it must not be able to do.
import amqp from 'amqplib';

const [url, queue, otherQueue, wantedType] = process.argv.slice(2);
const connection = await amqp.connect(url);

async function refusal(attempt) {
  const channel = await connection.createChannel();
  const closed = new Promise(resolve => channel.on('error', error => resolve(error.message)));
  try {
    await attempt(channel);
    return await Promise.race([closed, new Promise(resolve => setTimeout(() => resolve('ALLOWED'), 1500))]);
  } catch (error) {
    return error.message;
  }
}

const refused = {
  readOther: await refusal(channel => channel.consume(otherQueue, () => {})),
  bindInternal: await refusal(channel =>
    channel.bindQueue(queue, 'ProyeccionSocial.Contracts.Organizations:MembershipChanged', '#')),
  publish: await refusal(channel => channel.publish('proyeccion-social.public', wantedType, Buffer.from('{}'))),
  declareQueue: await refusal(channel => channel.assertQueue('mine', { durable: true })),
};

const channel = await connection.createChannel();
const deadline = setTimeout(() => { console.error('no event came'); process.exit(1); }, 20_000);
await channel.consume(queue, message => {
  const event = JSON.parse(message.content.toString('utf8'));
  channel.ack(message);
  if (event.type !== wantedType) return;
  clearTimeout(deadline);
  console.log(JSON.stringify({ event, contentType: message.properties.contentType, refused }));
  setTimeout(() => process.exit(0), 50);
});
