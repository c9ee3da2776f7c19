/**
 * The rules by which a question's kind of answer is told, as data: each a pattern and what it means, so that a person can see why
 * an answer was counted as it was. English only: of all else nothing is known, and it is taken for open.
 *
 * They were written by looking at the training and calibration splits of `src/questions/`. In doubt they say less: a word for a
 * number that is one among words, open for a word. What is counted too finely loses votes; what is counted too coarsely would make
 * one answer of two.
 */
import type { PromptClass } from '../../protocol/fusion.ts';
import type { AnswerFormat } from '../../shared/normalise-answer.ts';

/** A question as the rules see it. */
export interface Asked {
  /** The person's last message. */
  readonly text: string;
  /** The sentence of it that asks, without what leads up to it ("please", "so"); all of it if none does. */
  readonly question: string;
}

export interface PromptRule {
  /** Ends the sentence "… because it …". */
  readonly says: string;
  readonly promptClass: PromptClass;
  readonly format: AnswerFormat;
  /** All of these must match. */
  readonly question?: RegExp;
  readonly text?: RegExp;
  /** And this must not. */
  readonly unless?: RegExp;
}

const DAY = /(?:mon|tues|wednes|thurs|fri|satur|sun)day|january|february|april|june|july|august|september|october|november|december/;
const UNIT = anyOf(
  /[mck]?m|k?g|m?l|(?:milli|centi|kilo)?(?:met(?:re|er)|gram|lit(?:re|er))s?|tonnes?/,
  /seconds?|minutes?|hours?|days?|weeks?|months?|years?|cents?|dollars?|euros?|pounds?|percent/,
);
const SUPERLATIVE = /\b(?:(?:larg|bigg|great|small|high|low|few)(?:er|est)|less|more|least|most|maximum|minimum)\b/;
const NUMBER = /\d/;
/** Whoever gives a sum needs few words; a text that happens to hold figures is longer. */
const LONG = /.{200}/;

/** The first that matches counts. */
export const PROMPT_RULES: readonly PromptRule[] = [
  rule('asks for JSON', 'json', 'json', { text: /\bjson\b/ }),
  rule('has options with letters', 'choice', 'letter', { text: /(?:^|[\s(])a ?[).:] ?\S.*[\s(]b ?[).:] ?\S/ }),
  rule('has code in it', 'open', 'open', { text: /```|[{};]\s*(?:\n|$)/ }),
  rule('asks for yes or no', 'yes-no', 'yes-no', { text: /\byes or no\b|\bis it right to say yes\b|\btrue or false\b/ }),
  rule('asks for a text', 'open', 'open', {
    question: anyOf(
      /\b(?:story|tale|poems?|rhymes?|essay|summary|summari[sz]e|report|jokes?|make a plan|facts about)\b/,
      /\b(?:explain|describe|compare|discuss|translate|rewrite|write (?:about|code|an? (?:letter|text|program|mail)))\b/,
      /\b(?:tell me|tell|know|say) (?:more |everything )?about\b/,
    ),
  }),
  rule('asks to write a number in words', 'word', 'words', { question: /\b(?:in words|as a word|in letters|in writing|spell)\b|\bhow do you say \d/ }),
  rule('asks to go on with letters', 'word', 'words', { text: /(?:\b[a-z],? ){2,}\b[a-z]\b/ }),
  rule('asks for digits', 'number', 'number', {
    question: anyOf(
      /\b(?:in|with) (?:digits|figures|numbers|numerals)\b|\bas a (?:number|numeral|figure)\b/,
      /\b(?:which|what) number is [a-z-]+ ?[a-z -]*[.?]?$/,
    ),
    unless: NUMBER,
  }),
  rule('asks for one of some words', 'choice', 'words', {
    question: anyOf(
      /\b(?:classify|label|rate|sort|put|say|tag|mark|choose|pick|topic)\b.*\bor\b/,
      /\bodd one out\b|\b(?:not|n't) (?:belong|fit)\b|\bout of place\b|\bone of these is different\b|\bwhat is this about\b/,
    ),
    unless: NUMBER,
  }),
  rule('asks for an order', 'list', 'list', {
    question: anyOf(
      /\b(?:sort|order(?! of)|arrange|line up|rank|count (?:up|down))\b|\b(?:a|de)scending\b/,
      /\b(?:small|low|big|large|high)(?:est|er)? to (?:small|low|big|large|high)|\b(?:smallest|largest|biggest|lowest|highest) first\b/,
    ),
  }),
  rule('asks how many or how much', 'number', 'number', {
    question: anyOf(/\bhow (?:many|much|old|far|tall|heavy|fast|often|long (?:is|does|did|will))\b/, /\bnumber of\b|^count the\b|\bin (?:minutes|hours)\b/),
  }),
  rule('asks for a day or a month', 'word', 'words', {
    question: anyOf(
      /\b(?:what|which|name of(?: the)?|the) (?:day|month|weekday|date)\b/,
      /\bmonth (?:number )?\d|\bmonth of the year\b|\b(?:next|last) month\b/,
      join(/\bdays? (?:after|before|on from|from)\b.*\b/, DAY, /\b/),
    ),
  }),
  rule('asks for a time', 'number', 'time', {
    text: /\b\d{1,2}:\d\d\b/,
    question: /\bwhat time\b|\bwhen\b|\b(?:plus|minus|later|earlier|before|after|ago|and)\b/,
  }),
  rule('asks to go on with numbers', 'number', 'number', {
    text: /(?:\d+,? ){2,}\d+(?:,? \.{2,}|[,.]{0,2}\s*\?|, and then|.{0,9}$)/,
    question: /\b(?:next|follows|continue|go(?:es)? on|and then|missing)\b|\.\.$|\?$/,
    unless: SUPERLATIVE,
  }),
  rule('asks for one of several numbers', 'number', 'number', { text: /\d.*\d/, question: SUPERLATIVE }),
  rule('asks whether', 'yes-no', 'yes-no', {
    question: anyOf(
      /(?:^|[:,] ?)(?:is|are|am|was|were|do|does|did|can|could|will|would|should|has|have|had|may|must|(?:is|are|does|did|do|ca)n't) (?!you\b)\w/,
      /^if (?!today)[^,]{1,60} (?:is|are) \w|^(?:would you (?:call|say)|can we say|do you (?:agree|think .* is))\b/,
      /\b(?:odd|even|prime)(?:: ?\d| or not\b)/,
    ),
    unless: / or (?!not\W*$)/,
  }),
  rule('is a sum', 'number', 'number', {
    question: anyOf(/\d\s*[-−+*/×÷x^=]\s*(?:\d|$|\?)/, /^[-−+*/×÷]\s?\d/, /=\s*\?/, /\d (?::|over) \d|\b\d+:\d\b/, /\d ?% of \d/),
    unless: LONG,
  }),
  rule('is a sum in words', 'number', 'number', {
    question: join(/(?=.*\d).*\b/, anyOf(
      /plus|minus|times|sum|difference|product|quotient|divided?|multipl\w+|add(?:ed)?|subtract(?:ed)?|increased?|reduced?|decreased?/,
      /take away|take|half|halved?|double|less|more|away|without|left|together|total|square|cube|percent|share/,
    ), /\b/),
    unless: anyOf(/^(?:who|where)\b/, LONG),
  }),
  rule('is a sum that goes on', 'number', 'number', { question: /\b(?:half of (?:it|that)|halve|double|triple) ?(?:it|that)?\b/ }),
  rule('asks to convert', 'number', 'number', { question: join(/\d.*\b(?:in|into|to|as|are)\b (?:\w+ )?/, UNIT, /\b/) }),
  rule('asks for an amount', 'number', 'number', {
    question: join(
      /(?:^|\b(?:what|which|tell me|give me|find|extract|copy|take|name|my|the|remember)\b.*\b)/,
      /(?:price|cost|age|number|code|amount|sum|my change|result|remainder)\b/,
    ),
  }),
  rule('asks for one of some words', 'choice', 'words', { question: /\b\w+ or (?:not )?\w+/, unless: /\bwhether or not\b|\bgood or bad\b/ }),
  rule('asks to tell how a text sounds', 'word', 'words', { question: /\b(?:sentiment|urgency|topic|category|(?:spam|topic|tone) check)\b/ }),
  rule('asks for a word', 'word', 'words', {
    question: anyOf(
      /\b(?:opposite|contrary|antonym|synonym|plural|singular|capital|more than one \w+|how do (?:you|we) call)\b/,
      /^not "?\w+"? but\b|\b(?:one|two|many) \w+,? (?:but )?(?:one|two)\b|\byou have many\b/,
    ),
  }),
  rule('asks for an explanation', 'open', 'open', {
    question: anyOf(
      /^why\b|^what are\b|\bhow (?:do|does|did|can|could|should|would|are|is|was|to|come)\b/,
      /\b(?:causes?|history|future|problems|meaning|reasons?|important|opinion|advice|ideas?|think (?:of|about)|feel|differences? between)\b/,
    ),
  }),
  rule('asks for several things', 'list', 'list', { question: /^(?:list|name|give me) (?:\d+|two|three|four|five|six|seven|eight|nine|ten|all|some)\b/ }),
  rule('asks what something is', 'open', 'open', {
    question: /^what(?: is|'s) (?!the\b|my\b|this\?|that\?|it\b)(?:an? )?[\p{L} -]+\W*$/u,
    unless: /\b(?:called|made of|name|for)\b/,
  }),
  rule('asks about the one who answers', 'open', 'open', {
    question: /\b(?:are|can|do|did|were|will) you\b|\byour\b|^where am i\W*$|\bcall you\b|\bthis (?:page|site)\b/,
    unless: /\b(?:my|who am i)\b/,
  }),
  rule('asks for a name', 'word', 'words', {
    question: /^(?:\S+ ){0,12}?(?:who|whose|where|when|which|what)\b.{0,100}$/,
    unless: /\b(?:news|weather|happen|should|could|about)\b/,
  }),
  rule('asks for a name', 'word', 'words', {
    question: anyOf(
      /^(?:name|extract|find|read|copy|take|give me|tell me|say|do you (?:know|remember))\b.*\b(?:the|my|name|is|who)\b/,
      /^(?:my|the) (?:\w+ ?){1,4}\W*$/,
    ),
  }),
  rule('is a short question', 'word', 'words', {
    question: /^(?:\S+ ){0,6}\S+ ?(?:\?|\bis$)$/,
    unless: /^(?:and|now|how|any|know|really|are you|ok|all good|what (?:should|could))\b/,
  }),
];

/** A sentence that asks, with or without its mark. */
export const ASKS = anyOf(
  /\?["”)]?$|\b(?:who|what|which)$/,
  /^(?:who|whose|where|which|what|when|why|how|is|are|was|were|do|does|did|can|could|will|would|should|has|have|had|if \S+ is)\b/,
  /^(?:name|tell me|give me|find|extract|copy|take|get|sort|order(?! of)|put|classify|label|rate|say|choose|pick|check|write|explain|describe)\b/,
  /^(?:topic|sentiment|urgency|\w+ check|one of these)\b/,
);

/** What asks to do the same again: its answer looks like the last one. */
export const FOLLOWS = anyOf(/^(?:and|now|then|also|what about|how about|the same|again)\b/, /^an? \w+\W*$/);

/** What stands before a question and asks nothing. */
export const LEAD_IN = new RegExp(`^(?:${anyOf(
  /(?:please|so|okay|ok|hey|hi|hello|well)\b[\s:,.!]*/,
  /(?:next|now this|one more|(?:i have a )?(?:quick )?question|can you help me|read(?: this)?|(?:here is a |according to this )?text)\s*[:.?!]\s*/,
  /(?:please |now )?tell me(?=[:,]| (?:who|whose|what|which|where|when|how|if|whether)\b)[\s:,]*/,
  /(?:do|can|could) you (?:know|remember|tell me|say)\b[\s:,]*(?! an?\b)/,
).source})+`, 'isu');

function rule(says: string, promptClass: PromptClass, format: AnswerFormat, patterns: Pick<PromptRule, 'question' | 'text' | 'unless'>): PromptRule {
  const read = Object.fromEntries(Object.entries(patterns).map(([what, pattern]) => [what, anyOf(pattern)]));
  return { says, promptClass, format, ...read };
}

/** Capitals do not matter, and a message is one line to the rules. */
function anyOf(...patterns: readonly RegExp[]): RegExp {
  return new RegExp(patterns.map(({ source }) => `(?:${source})`).join('|'), 'isu');
}

/** One after the other. */
function join(...parts: readonly RegExp[]): RegExp {
  return new RegExp(parts.map(({ source }) => `(?:${source})`).join(''), 'isu');
}
