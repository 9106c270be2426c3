// Two programs read the calendar on standard input: what each finds, and whether it comes back the same when written again.
import ICAL from 'ical.js';
import ical from 'node-ical';

let text = '';
for await (const chunk of process.stdin) text += chunk;
const problems = [];
if (text.split('\r\n').some(line => Buffer.byteLength(line) > 75)) problems.push('a line is longer than 75 octets');
if (/[^\r]\n/.test(text)) problems.push('a line does not end in CRLF');
const warn = console.warn;
console.warn = console.error = (...words) => problems.push(words.join(' '));

const root = new ICAL.Component(ICAL.parse(text));
for (const zone of root.getAllSubcomponents('vtimezone')) ICAL.TimezoneService.register(new ICAL.Timezone(zone));
const again = new ICAL.Component(ICAL.parse(root.toString()));
if (JSON.stringify(again.toJSON()) !== JSON.stringify(root.toJSON())) problems.push('it does not come back the same');

const events = root.getAllSubcomponents('vevent').map(component => new ICAL.Event(component));
const found = (event, start) => `${event.uid} ${start.toJSDate().toISOString()} ${event.component.getFirstPropertyValue('status')} ${event.sequence} ${event.summary}`;
const first = [];
for (const event of events.filter(event => !event.isRecurrenceException())) {
  for (const exception of events.filter(other => other.isRecurrenceException() && other.uid === event.uid)) event.relateException(exception);
  if (!event.isRecurring()) {
    first.push(found(event, event.startDate));
    continue;
  }
  const iterator = event.iterator();
  for (let next = iterator.next(); next; next = iterator.next()) {
    const { item, startDate } = event.getOccurrenceDetails(next);
    first.push(found(item, startDate));
  }
}

const second = [];
for (const event of Object.values(ical.sync.parseICS(text)).filter(entry => entry.type === 'VEVENT')) {
  const line = (one, start) => second.push(`${event.uid} ${start.toISOString()} ${one.status} ${one.sequence} ${one.summary}`);
  if (!event.rrule) {
    line(event, event.start);
    continue;
  }
  const skipped = Object.values(event.exdate ?? {}).map(day => day.getTime());
  const moved = Object.values(event.recurrences ?? {});
  const originals = new Set(moved.map(one => one.recurrenceid.getTime()));
  for (const start of event.rrule.all().filter(start => !skipped.includes(start.getTime()) && !originals.has(start.getTime()))) line(event, start);
  for (const one of new Set(moved)) line(one, one.start);
}
console.warn = warn;
console.log(JSON.stringify({ problems, first: first.sort(), second: [...new Set(second)].sort(), links: events.filter(e => !e.component.getFirstPropertyValue('url') || !e.location).length }));
