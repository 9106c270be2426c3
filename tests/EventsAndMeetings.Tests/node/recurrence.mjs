// The days that the rrule package gives for rules, one a line: what our own reading of RFC 5545 is held against.
import { createInterface } from 'node:readline';
import rrule from 'rrule';

for await (const line of createInterface({ input: process.stdin })) {
  const [rule, start, last] = line.split(' ');
  const options = rrule.RRule.parseString(rule);
  options.dtstart = new Date(`${start}T00:00:00Z`);
  if (options.until) options.until = new Date(Date.UTC(options.until.getUTCFullYear(), options.until.getUTCMonth(), options.until.getUTCDate()));
  const days = new rrule.RRule(options).between(options.dtstart, new Date(`${last}T00:00:00Z`), true);
  console.log(days.map(day => day.toISOString().slice(0, 10)).join(','));
}
