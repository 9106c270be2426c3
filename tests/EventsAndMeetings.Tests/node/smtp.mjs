// A mail server that keeps what it is given and prints it, a line for each message. Addresses at "refuses.example" do
// not exist; "busy.example" is busy the first time.
import { SMTPServer } from 'smtp-server';

const busy = new Set();
const server = new SMTPServer({
  authOptional: true,
  disabledCommands: ['STARTTLS'],
  onRcptTo({ address }, session, done) {
    if (address.endsWith('@refuses.example')) return done(Object.assign(new Error('No such user'), { responseCode: 550 }));
    if (address.endsWith('@busy.example') && !busy.has(address)) {
      busy.add(address);
      return done(Object.assign(new Error('Try later'), { responseCode: 451 }));
    }
    done();
  },
  onData(stream, session, done) {
    const chunks = [];
    stream.on('data', chunk => chunks.push(chunk));
    stream.on('end', () => {
      console.log(JSON.stringify({ to: session.envelope.rcptTo.map(r => r.address), mail: Buffer.concat(chunks).toString('utf8') }));
      done();
    });
  },
});
server.listen(Number(process.argv[2] ?? 0), '127.0.0.1', () => console.log(JSON.stringify({ port: server.server.address().port })));
process.stdin.resume();
process.stdin.on('end', () => process.exit());
