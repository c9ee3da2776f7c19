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

const UNIT = '(?:[mck]?m|k?g|m?l|(?:milli|centi|kilo)?(?:met(?:re|er)|gram|lit(?:re|er))s?|tonnes?|seconds?|minutes?|hours?|days?|weeks?|months?|years?|cents?|dollars?|euros?|pounds?|percent)';
const DAY = '(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day|january|february|april|june|july|august|september|october|november|december)';
const ADJECTIVE = '(?:larg|bigg|great|small|high|low|few)(?:er|est)|less|more|least|most|maximum|minimum|larger';
const NUMBER = /\d/u;
/** Whoever gives a sum needs few words; a text that happens to hold figures is longer. */
const LONG = /.{200}/su;

/** The first that matches counts. */
export const PROMPT_RULES: readonly PromptRule[] = [
  { says: 'asks for JSON', promptClass: 'json', format: 'json', text: /\bjson\b/iu },
  { says: 'has options with letters', promptClass: 'choice', format: 'letter', text: /(?:^|[\s(])A ?[).:] ?\S.*[\s(]B ?[).:] ?\S/su },
  { says: 'has code in it', promptClass: 'open', format: 'open', text: /```|[{};]\s*$/mu },
  { says: 'asks for yes or no', promptClass: 'yes-no', format: 'yes-no', text: /\byes or no\b|\bis it right to say yes\b|\btrue or false\b/iu },
  { says: 'asks for a text', promptClass: 'open', format: 'open', question: /\b(?:story|tale|poems?|rhymes?|essay|summary|summari[sz]e|report|jokes?|explain|describe|write (?:about|code|an? (?:letter|text|program|mail))|make a plan|compare|discuss|translate|rewrite|facts about|(?:tell me|tell|know|say) (?:more |everything )?about)\b/iu },
  { says: 'asks to write a number in words', promptClass: 'word', format: 'words', question: /\b(?:in words|as a word|in letters|in writing|spell)\b|\bhow do you say \d/iu },
  { says: 'asks to go on with letters', promptClass: 'word', format: 'words', text: /(?:\b[A-Z],? ){2,}\b[A-Z]\b/u },
  { says: 'asks for digits', promptClass: 'number', format: 'number', question: /\b(?:in|with) (?:digits|figures|numbers|numerals)\b|\bas a (?:number|numeral|figure)\b|\b(?:which|what) number is [a-z-]+ ?[a-z -]*[.?]?$/iu, unless: NUMBER },
  { says: 'asks for one of some words', promptClass: 'choice', format: 'words', question: /\b(?:classify|label|rate|sort|put|say|tag|mark|choose|pick|topic)\b.*\bor\b|\bodd one out\b|\b(?:not|n't) (?:belong|fit)\b|\bout of place\b|\bone of these is different\b|\bwhat is this about\b/iu, unless: NUMBER },
  { says: 'asks for an order', promptClass: 'list', format: 'list', question: /\b(?:sort|order(?! of)|arrange|line up|rank|count (?:up|down))\b|\b(?:small|low|big|large|high)(?:est|er)? to (?:small|low|big|large|high)|\b(?:smallest|largest|biggest|lowest|highest) first\b|\b(?:a|de)scending\b/iu },
  { says: 'asks how many or how much', promptClass: 'number', format: 'number', question: /\bhow (?:many|much|old|far|tall|heavy|fast|often|long (?:is|does|did|will))\b|\bnumber of\b|^count the\b|\bin (?:minutes|hours)\b/iu },
  { says: 'asks for a day or a month', promptClass: 'word', format: 'words', question: new RegExp(`\\b(?:what|which|name of(?: the)?|the) (?:day|month|weekday|date)\\b|\\bmonth (?:number )?\\d|\\bmonth of the year\\b|\\bdays? (?:after|before|on from|from)\\b.*\\b${DAY}\\b|\\b(?:next|last) month\\b`, 'iu') },
  { says: 'asks for a time', promptClass: 'number', format: 'time', text: /\b\d{1,2}:\d\d\b/u, question: /\bwhat time\b|\bwhen\b|\b(?:plus|minus|later|earlier|before|after|ago|and)\b/iu },
  { says: 'asks to go on with numbers', promptClass: 'number', format: 'number', text: /(?:\d+,? ){2,}\d+(?:,? \.{2,}|[,.]{0,2}\s*\?|, and then|.{0,9}$)/u, question: /\b(?:next|follows|continue|go(?:es)? on|and then|missing)\b|\.\.$|\?$/iu, unless: new RegExp(`\\b(?:${ADJECTIVE})\\b`, 'iu') },
  { says: 'asks for one of several numbers', promptClass: 'number', format: 'number', text: /\d.*\d/su, question: new RegExp(`\\b(?:${ADJECTIVE})\\b`, 'iu') },
  { says: 'asks whether', promptClass: 'yes-no', format: 'yes-no', question: /(?:^|[:,] ?)(?:if (?!today)[^,]{1,60} (?:is|are)|(?:is|are|am|was|were|do|does|did|can|could|will|would|should|has|have|had|may|must|isn't|aren't|doesn't|didn't|don't|can't) (?!you\b)\w)|^(?:would you (?:call|say)|can we say|do you (?:agree|think .* is))\b|\b(?:odd|even|prime)(?:: ?\d| or not\b)/iu, unless: / or (?!not\W*$)/iu },
  { says: 'is a sum', promptClass: 'number', format: 'number', question: /\d\s*[-−+*/×÷x^=]\s*(?:\d|$|\?)|^[-−+*/×÷]\s?\d|=\s*\?|\d (?::|over) \d|\b\d+:\d\b|\d ?% of \d/u, unless: LONG },
  { says: 'is a sum in words', promptClass: 'number', format: 'number', question: /(?=.*\d).*\b(?:plus|minus|times|sum|difference|product|quotient|divided?|multipl\w+|add(?:ed)?|subtract(?:ed)?|increased?|reduced?|decreased?|take away|take|half|halved?|double|less|more|away|without|left|together|total|square|cube|percent|share)\b/iu, unless: new RegExp(`^(?:who|where)\\b|${LONG.source}`, 'isu') },
  { says: 'is a sum that goes on', promptClass: 'number', format: 'number', question: /\b(?:half of (?:it|that)|halve|double|triple) ?(?:it|that)?\b/iu },
  { says: 'asks to convert', promptClass: 'number', format: 'number', question: new RegExp(`\\d.*\\b(?:in|into|to|as|are)\\b (?:\\w+ )?${UNIT}\\b`, 'iu') },
  { says: 'asks for an amount', promptClass: 'number', format: 'number', question: /(?:^|\b(?:what|which|tell me|give me|find|extract|copy|take|name|my|the|remember)\b.*\b)(?:price|cost|age|number|code|amount|sum|change|result|remainder)\b/iu },
  { says: 'asks for one of some words', promptClass: 'choice', format: 'words', question: /\b\w+ or (?:not )?\w+/iu, unless: /\bwhether or not\b|\bgood or bad\b/iu },
  { says: 'asks to tell how a text sounds', promptClass: 'word', format: 'words', question: /\b(?:sentiment|urgency|topic|category|(?:spam|topic|tone) check)\b/iu },
  { says: 'asks for a word', promptClass: 'word', format: 'words', question: /\b(?:opposite|contrary|antonym|synonym|plural|singular|capital|more than one \w+|how do (?:you|we) call)\b|^not "?\w+"? but\b|\b(?:one|two|many) \w+,? (?:but )?(?:one|two)\b|\byou have many\b/iu },
  { says: 'asks for an explanation', promptClass: 'open', format: 'open', question: /^why\b|\bhow (?:do|does|did|can|could|should|would|are|is|was|to|come)\b|\b(?:causes?|history|future|problems|meaning|reasons?|important|opinion|advice|ideas?|think (?:of|about)|feel)\b|^what are\b|\bdifferences? between\b/iu },
  { says: 'asks for several things', promptClass: 'list', format: 'list', question: /^(?:list|name|give me) (?:\d+|two|three|four|five|six|seven|eight|nine|ten|all|some)\b/iu },
  { says: 'asks what something is', promptClass: 'open', format: 'open', question: /^what(?: is| are|'s) (?!the\b|my\b|\d|this\?|that\?|it\b)(?:an? )?[\p{L} -]+\W*$/iu, unless: /\b(?:called|made of|name|for)\b/iu },
  { says: 'asks about the one who answers', promptClass: 'open', format: 'open', question: /\b(?:are|can|do|did|were|will) you\b|\byour\b|^where am i\W*$|\bcall you\b|\bthis (?:page|site)\b/iu, unless: /\b(?:my|who am i)\b/iu },
  { says: 'asks for a name', promptClass: 'word', format: 'words', question: /^(?:\S+ ){0,12}?(?:who|whose|where|when|which|what)\b.{0,100}$/iu, unless: /\b(?:news|weather|happen|should|could|about)\b/iu },
  { says: 'asks for a name', promptClass: 'word', format: 'words', question: /^(?:(?:name|extract|find|read|copy|take|give me|tell me|say|do you (?:know|remember))\b.*\b(?:the|my|name|is|who)\b|(?:my|the) (?:\w+ ?){1,4}\W*$)/iu },
  { says: 'is a short question', promptClass: 'word', format: 'words', question: /^(?:\S+ ){0,6}\S+ ?(?:\?|\bis$)$/u, unless: /^(?:and|now|how|any|know|really|are you|ok|all good|what (?:should|could))\b/iu },
];

/** A sentence that asks, with or without its mark. */
export const ASKS = /\?["”)]?$|\b(?:who|what|which)$|^(?:who|whose|where|which|what|when|why|how|is|are|was|were|do|does|did|can|could|will|would|should|has|have|had|name|tell me|if \S+ is|give me|find|extract|copy|take|get|sort|order(?! of)|put|classify|label|rate|say|choose|pick|topic|sentiment|urgency|\w+ check|check|write|explain|describe|one of these)\b/iu;

/** What asks to do the same again: its answer looks like the last one. */
export const FOLLOWS = /^(?:and|now|then|also|what about|how about|the same|again)\b|^an? \w+\W*$/iu;

/** What stands before a question and asks nothing. */
export const LEAD_IN = /^(?:(?:please|so|okay|ok|hey|hi|hello|well)\b[\s:,.!]*|(?:next|now this|one more|(?:quick )?question|i have a (?:quick )?question|can you help me|read(?: this)?|text|here is a text|according to this text)\s*[:.?!]\s*|(?:please |now )?tell me(?=[:,]| (?:who|whose|what|which|where|when|how|if|whether)\b)[\s:,]*|(?:do|can|could) you (?:know|remember|tell me|say)\b[\s:,]*(?! an?\b))+/iu;
