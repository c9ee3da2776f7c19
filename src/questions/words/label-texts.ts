/** Sentences that carry a label, and the words that do. */
import { listOf, poolOf } from '../splits.ts';
import type { Pool } from '../types.ts';

export const POSITIVE = listOf(`
  great|good|wonderful|lovely|excellent|perfect|beautiful|fantastic|pleasant|nice|delightful|superb|charming|amazing|brilliant|friendly|splendid
  |enjoyable`);
export const NEGATIVE = listOf(`
  bad|awful|terrible|poor|horrible|boring|ugly|disappointing|dreadful|nasty|dirty|unpleasant|annoying|sad|useless|rude|miserable|weak`);

export const SPAM = poolOf(`
  You have won {e} dollars! Click here now.|Congratulations, you won a free {x}! Claim your prize.|Get rich in {n} days. No risk!
  |Cheap pills, buy now, {n} for one!|Your account is blocked. Send us your password.|Free {x}! Only today! Click the link.
  |Make {e} euros a day from home, no work needed.|Act now! This offer ends in {n} hours!|Dear winner, your prize of {e} dollars waits.
  |Win a trip to {c}! Click here to enter.|Hot offer: {x} for one cent. Buy now!|You are our lucky winner. Send your bank number.
  |A prince from {c} wants to give you {e} dollars.|Lose {n} kilos in {n} days with this trick!|Earn money fast! No skills needed, click the link.
  |Claim your free gift card of {e} dollars.|Limited offer! {n} watches for the price of one!|Your prize is ready, just pay {n} dollars.
  |Double your money in {n} days, guaranteed!|Click here and win a new {x}!|Urgent: confirm your password to win {e} euros.
  |Best price for pills! No doctor needed!`);
export const NOT_SPAM = poolOf(`
  Can we meet on {d} at {n}?|The {x} that you ordered is on its way.|Thank you for the nice evening in {c}.|I am late, please start without me.
  |Please send me the notes from {d}.|{p} has a birthday on {d}. Do you come?|The meeting on {d} is in room {n}.|Did you find my {x}?
  |I will bring the {x} back on {d}.|How was your trip to {c}?|Your table for {n} on {d} is booked.|Mum asks if you come for dinner on {d}.
  |The lesson on {d} begins at {n}.|Here are the photos from {c}.|Could you water the plants while I am in {c}?|{p} is ill and stays at home on {d}.
  |I read your report and have {n} questions.|The train to {c} leaves at {n}.|Let us talk about the {x} on {d}.|Your doctor can see you on {d} at {n}.
  |{p} and I go to {c} on {d}.|Please call {p} when you are home.`);

export const URGENT = poolOf(`
  The kitchen is on fire!|Please come at once, {p} is hurt!|The server is down and nobody can work.|Water is running through the ceiling, help!
  |I need the {x} within {n} minutes!|Call a doctor now, {p} can't breathe!|The alarm rings and the door is locked!
  |There is smoke in the office in {c}!|The deadline is in {n} minutes and the file is lost!|Stop the machine now!
  |{p} fell from the ladder and bleeds!|Our shop was broken into, call the police!|The bus leaves in {n} minutes and we have no tickets, hurry!
  |Gas smells in the whole house, come right now!|All payments fail since {n} minutes, fix it now!|Help, the car is stuck on the rails!
  |The patient in room {n} needs help immediately!|Please answer at once, the plane leaves in {n} minutes!|The baby has swallowed a coin, quick!
  |The main pipe has burst in {c}!|We must act right now, the river is rising!|Emergency: {p} is trapped in the lift!`);
export const NOT_URGENT = poolOf(`
  When you have time, look at the {x}.|No hurry, but the {x} could be cleaned.|Some day we could repaint the room.
  |Let us talk about the trip to {c} next year.|You can send the {x} back next month.|I just wanted to say hello.|Whenever it suits you, call {p}.
  |There is no rush with the report.|We may buy a new {x} at some time.|Thank you for the card from {c}.|The next meeting is in {n} weeks.
  |It would be nice to have a {x} one day.|Take your time with the answer.|I like the new {x} very much.|In {n} months we will need new paper.
  |Could you tell me next week what {p} said?|The book is due in {n} weeks.|Just so you know, {p} moved to {c}.|Have a nice time in {c}.
  |At your leisure, read the text about {c}.|We plan to meet again in {n} months.|The garden can wait until spring.`);

/** `{a}` and `{b}` take two words of the topic. */
export const LABEL_TEXTS: Readonly<Record<string, { readonly words: readonly string[]; readonly frames: Pool<string> }>> = {
  sport: { words: listOf('team|match|goal|race|coach|player|ball|stadium|tennis|football|runner|medal|league|referee|swimmer'), frames: poolOf(`
    The {a} and the {b} were the talk of the day in {c}.|{p} trains hard for the {a}.|Our {a} won, thanks to the {b}.
    |On {d} the {a} decides about the {b}.|{p} dreams of the {a} and the {b}.|After the {a}, {p} praised the {b}.|The {b} of {c} lost the {a}.
    |All eyes were on the {a}.`) },
  food: { words: listOf('soup|bread|cheese|recipe|salad|dinner|pasta|sauce|oven|butter|rice|dessert|spoon|flour|pepper'), frames: poolOf(`
    {p} puts {a} and {b} on the table.|For {n} people you need {a} and {b}.|The {a} in {c} comes with {b}.|First the {a}, then the {b}.
    |{p} cooks with {a} every {d}.|Nothing tastes as good as {a} with {b}.|We bought {a} and {b} at the market.|Is there any {a} left?`) },
  travel: { words: listOf('flight|suitcase|passport|airport|train|ticket|hotel|beach|journey|map|tourist|holiday|border|cruise|luggage'), frames: poolOf(`
    {p} forgot the {a} in {c}.|The {a} to {c} was long, the {b} was lost.|On {d} our {a} begins.|For {c} you need a {a} and a {b}.
    |{p} looks for the {a} at the {b}.|Our {a} was {n} hours late.|Where is the {a} for {c}?|A {a} without {b} is no fun.`) },
  weather: { words: listOf('rain|snow|storm|wind|sunshine|cloud|fog|thunder|frost|heat|ice|hail|drizzle|lightning|breeze'), frames: poolOf(`
    {d} brings {a} and {b} to {c}.|There will be {a} in {c} on {d}.|After the {a} came the {b}.|The {a} in {c} lasts {n} days.
    |{p} hopes for less {a} and more {b}.|Expect {a} tonight.|The {a} stops at noon, then {b}.|So much {a} was never seen in {c}.`) },
  music: { words: listOf('song|concert|guitar|piano|singer|band|melody|drum|choir|album|violin|orchestra|stage|tune|trumpet'), frames: poolOf(`
    {p} plays the {a} on {d}.|The {a} and the {b} in {c} were loud.|A new {a} by {p} is out.|{p} hears the {a} before the {b}.
    |On {d} the {a} comes to {c}.|Everybody clapped for the {a}.|The {a} begins softly, then the {b} joins.|{p} learns the {a} since {n} years.`) },
  money: { words: listOf('bank|loan|tax|price|budget|coin|salary|debt|account|bill|profit|interest|rent|wage|savings'), frames: poolOf(`
    The {a} rose by {n} percent.|{p} worries about the {a} and the {b}.|The {a} in {c} is due on {d}.|With this {b} the {a} will not be enough.
    |{p} asked for a better {a}.|Our {a} was {e} euros.|The {a} is lower than the {b}.|Talk to {p} about the {a}.`) },
  health: { words: listOf('doctor|fever|pill|hospital|nurse|cough|headache|medicine|pain|vaccine|bandage|patient|clinic|illness|tooth'), frames: poolOf(`
    {p} went to the {a} because of the {b}.|The {a} in {c} is open on {d}.|Since {n} days {p} has a {a}.|Ask about the {a} and the {b}.
    |The {a} is better since {d}.|{p} needs a {a} now.|Against the {a} there is a {b}.|After the {a} {p} slept for {n} hours.`) },
  school: { words: listOf('teacher|lesson|homework|exam|pupil|classroom|grade|blackboard|essay|maths|student|notebook|spelling|timetable|lecture'), frames: poolOf(`
    {p} likes the {a} but not the {b}.|The {a} on {d} was hard.|The {b} in {c} has a new {a}.|For the {a} {p} learned {n} hours.
    |{p} forgot the {a} again.|The {a} is about the {b}.|Before the {a} comes the {b}.|In {c} the {a} begins on {d}.`) },
};
