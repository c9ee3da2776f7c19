/**
 * Short texts to be labelled: sentiment, spam, topic, urgency. The words that carry the label are known, as they must be;
 * what is kept from training are sentences, names and things, and how one asks.
 */
import { listOf, poolOf } from '../splits.ts';
import { articlesMended, asked, capitalised, fill, spoken } from '../speech.ts';
import type { Difficulty, Draft, Draw, Pool, QuestionKind } from '../types.ts';
import { LABEL_TEXTS, NEGATIVE, NOT_SPAM, POSITIVE, SPAM, NOT_URGENT, URGENT } from '../words/label-texts.ts';
import { PRODUCTS, cityName, personName } from '../words/people.ts';

function labelled(draw: Draw, frames: Pool<string>, text: string, answer: string, labels: readonly string[]): Draft {
  const quoted = draw.chance(0.4) ? `"${text}"` : text;
  const question = fill(draw.frame(frames), { t: quoted, l: `${labels.slice(0, -1).join(', ')} or ${labels.at(-1)}` });
  return { meanings: [`label ${text}`], messages: asked(spoken(draw, question, 'kept')), answer, format: 'words', choices: labels };
}

const THINGS = poolOf(`
  hotel|meal|film|book|room|food|service|trip|show|phone|shop|concert|park|museum|soup|pizza|game|lamp|chair|jacket|staff|flat|garden|beach|course
  |teacher|music|song|coffee|cake|tour|bus ride|play|restaurant|story|view|breakfast|bed|boat trip|camera`);
const SENTIMENTS = poolOf(`
  Is this positive or negative? {t}|Positive or negative? {t}|What is the sentiment: {t}|{t} Is that positive or negative?
  |Label this review as positive or negative: {t}|Sentiment of this text: {t}|Is the writer happy or not? Say positive or negative: {t}
  |Classify as {l}: {t}|{t} Sentiment?|Does this sound {l}? {t}|Rate this comment as {l}. {t}|Review: {t} Positive or negative?`);

/** The mood of a sentence with holes: `{g}` takes a word of its own mood, `{o}` one of the other. */
const PLAIN = poolOf(`
  The {x} was {g}.|The {x} was really {g}.|What a {g} {x}!|This {x} is {g}.|I found the {x} {g}.|A {g} {x}.|We had a {g} {x}.|The {x} in {c} was {g}.
  |{p} says the {x} is {g}.|The {x} was {g} and the {y} was {h}.|A {g} {x}, and a {h} {y}.|Such a {g} {x} in {c}.|The {x} looks {g}.
  |My {x} is {g} and {h}.|Never had such a {g} {x}.|The {x} of {p} is {g}.|Honestly, the {x} was {g}.`);
const TURNED = poolOf(`
  The {x} was not {o}.|The {x} was not {o} at all.|The {x} was {o}, but in the end it was {g}.|First the {x} seemed {o}, but then it was {g}.
  |I thought the {x} would be {o}, but it was {g}.|The {x} is not {o}, it is {g}.|The {x} was never {o}.|Nobody can call this {x} {o}.
  |I feared a {o} {x}, but it was {g}.|The {x} is anything but {o}.|They say the {x} is {o}, but I found it {g}.`);

/** A word of praise or its contrary; hard: turned round by a "not" or a "but". */
export const sentiment: QuestionKind = {
  name: 'sentiment', levels: ['easy', 'hard'], weight: 5, exact: true,
  draft(draw, difficulty) {
    const positive = draw.chance(0.5);
    const [own, other] = positive ? [POSITIVE, NEGATIVE] : [NEGATIVE, POSITIVE];
    const frame = draw.frame(difficulty === 'hard' && draw.chance(0.75) ? TURNED : PLAIN);
    const [g, h] = draw.some(own, 2) as [string, string];
    const [x, y] = draw.words(THINGS, 2) as [string, string];
    const text = articlesMended(fill(frame, { g, h, x, y, o: draw.one(other), c: cityName(draw), p: personName(draw) }));
    return labelled(draw, SENTIMENTS, text, positive ? 'positive' : 'negative', ['positive', 'negative']);
  },
};

/** What the holes of the other texts take. */
const holes = (draw: Draw): Record<string, string | number> => ({
  p: personName(draw), c: cityName(draw), x: draw.word(PRODUCTS), n: draw.whole(2, 12), e: draw.whole(2, 99) * 10,
  d: draw.one(listOf('Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday')),
});

/** A text of one label; hard: with a sentence beside it that says nothing. */
function textOf(draw: Draw, frames: Pool<string>, difficulty: Difficulty): string {
  const text = articlesMended(fill(draw.frame(frames), holes(draw)));
  if (difficulty === 'easy') return text;
  const beside = fill(draw.frame(BESIDE), holes(draw));
  return draw.chance(0.5) ? `${text} ${beside}` : `${beside} ${text}`;
}
const BESIDE = poolOf(`
  Hello {p}.|This is {p}.|Greetings from {c}.|I write from {c}.|Dear {p},|{p} told me to write.|I hope you are well.|Best wishes, {p}.
  |You know me from {c}.|Hi, {p} here.|Yours, {p}.|We met in {c}.|My name is {p}.|A word from {p}:`);

const SPAM_FRAMES = poolOf(`
  Is this spam? {t}|Spam or not spam? {t}|Label as spam or not spam: {t}|{t} Spam or not spam?|Is this message {l}? {t}|Classify this mail as {l}: {t}
  |Mail: {t} Is it {l}?|Check this message: {t} Say {l}.|Would you call this spam? {t}|Spam check: {t}|Sort this mail into {l}: {t}`);

export const spam: QuestionKind = {
  name: 'spam', levels: ['easy', 'hard'], weight: 4, exact: true,
  draft(draw, difficulty) {
    const isSpam = draw.chance(0.5);
    return labelled(draw, SPAM_FRAMES, textOf(draw, isSpam ? SPAM : NOT_SPAM, difficulty), isSpam ? 'spam' : 'not spam', ['spam', 'not spam']);
  },
};

const URGENCY_FRAMES = poolOf(`
  Is this urgent? {t}|Urgent or not urgent? {t}|Label as urgent or not urgent: {t}|{t} Urgent or not urgent?|Is this message {l}? {t}
  |Classify this as {l}: {t}|How urgent is this, {l}? {t}|Does this have to be done now? Say {l}: {t}|Urgency: {t}|Message: {t} Is it {l}?
  |Sort this into {l}: {t}`);

export const urgency: QuestionKind = {
  name: 'urgency', levels: ['easy', 'hard'], weight: 4, exact: true,
  draft(draw, difficulty) {
    const isUrgent = draw.chance(0.5);
    return labelled(
      draw, URGENCY_FRAMES, textOf(draw, isUrgent ? URGENT : NOT_URGENT, difficulty), isUrgent ? 'urgent' : 'not urgent',
      ['urgent', 'not urgent'],
    );
  },
};

const TOPIC_FRAMES = poolOf(`
  What is this about: {l}? {t}|Topic of this text: {t} Choose {l}.|Which topic is this, {l}? {t}|{t} Is that {l}?|Label this as {l}: {t}
  |Sort this text into {l}: {t}|{t} Topic: {l}?|Pick the topic, {l}: {t}|Is this text about {l}? {t}|Classify as {l}: {t}`);
const TOPICS = Object.keys(LABEL_TEXTS);

/** One of three topics that the question names; hard: of five. */
export const topic: QuestionKind = {
  name: 'topic', levels: ['easy', 'hard'], weight: 5, exact: true,
  draft(draw, difficulty) {
    const labels = draw.some(TOPICS, difficulty === 'easy' ? 3 : 5);
    const answer = draw.one(labels);
    return labelled(draw, TOPIC_FRAMES, topicText(draw, answer), answer, labels);
  },
};

/** Sentences of a topic: a frame of its own with two of its own words. */
function topicText(draw: Draw, name: string): string {
  const { words, frames } = LABEL_TEXTS[name]!;
  const [a, b] = draw.some(words, 2) as [string, string];
  return capitalised(articlesMended(fill(draw.frame(frames), { ...holes(draw), a, b })));
}
