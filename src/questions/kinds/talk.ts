/** What has no single right answer: greetings, little stories, and honest refusals. */
import { listOf, poolOf } from '../splits.ts';
import { ask, asked, capitalised, fill, madeName, spoken, withArticle } from '../speech.ts';
import type { Draft, Draw, Pool, QuestionKind } from '../types.ts';
import { PEOPLE } from '../words/people.ts';

const TALK: readonly (readonly [Pool<string>, readonly string[]])[] = [
  [poolOf('Hello|Hi|Hey|Hi there|Good morning|Hello there|Good evening|Good day|Hello you|Hey there|Hi!|Hello, tiny engine'), listOf(`
    Hello! I am a tiny engine in your browser tab. Ask me a small question.
    |Hi! I know sums, capitals, opposites, days and little stories. What shall we do?`)],
  [poolOf(`
    Who are you?|What are you?|What is your name?|Tell me about yourself.|Who am I talking to?|Do you have a name?|What should I call you?
    |Introduce yourself.`), listOf(`
    I am Llambo tiny, a very small language model. I run inside this tab.|I am a tiny engine with some million weights, running in your browser.`)],
  [poolOf(`
    What can you do?|Help|What do you know?|How can you help me?|What can I ask you?|What are you good at?|Give me an example.|What do you do?
    |I need help.`), listOf(`
    I can do small sums, sort numbers, name capitals and opposites, label short texts and tell little stories.
    |Ask me 47 + 38, the capital of Peru, the opposite of hot, or a story about a fox.`)],
  [poolOf('How are you?|How are you today?|Are you ok?|How do you feel?|How is it going?|Are you well?|All good?'), listOf(`
    I am well, thank you. How are you?|Very well, and ready for a small question.`)],
  [poolOf('Thanks|Thank you|Thank you very much|Great|Thanks a lot|Well done|Good answer|Nice work|Perfect, thanks|That helps'), listOf('You are welcome!|My pleasure.')],
  [poolOf('Bye|Goodbye|See you|Good night|Bye bye|I have to go|See you later|Until tomorrow'), listOf('Goodbye! Come back soon.|See you soon!')],
  [poolOf('Are you a robot?|Are you human?|Are you alive?|Are you a person?|Are you a computer?|Do you have a body?|Can you feel?'), listOf(`
    I am a small computer program, not a person.|No person here, just a tiny model.`)],
  [poolOf('Tell me a joke.|Do you know a joke?|Make me laugh.|A joke, please.|Say something funny.|Know any jokes?'), listOf(`
    Why did the number six fear seven? Because seven ate nine!|What do you call a sleeping bull? A bulldozer!`)],
  [poolOf('I am sad.|I feel sad.|I am tired.|I had a bad day.|I am not well.|I feel lonely.|Today was hard.'), listOf(`
    I am sorry to hear that. A short story may help. Ask me for one.|That is hard. Take a little rest, and be kind to yourself.`)],
  [poolOf('I am happy.|I feel great.|Good news!|I had a good day.|Today is a great day.|I am so glad.|It worked!'), listOf('That is lovely to hear!|Wonderful! Tell me more.')],
  [poolOf('What is a swarm?|What is Llambo?|What is this page?|What is a mesh?|What does this site do?|How does Llambo work?|Where am I?'), listOf(`
    A swarm is many browser tabs that share their tiny engines. Together they answer many people at once.
    |Llambo joins the tiny engines of many tabs. One tab hands out the work, and any tab may leave.`)],
  [poolOf('Write a poem.|Write me a poem.|A short poem, please.|A poem!|Can you write poems?|Rhyme something.|Make a rhyme.'), listOf(`
    The moon is high, the stars are bright, the little fox sleeps well tonight.|A drop of rain, a ray of sun, a leaf, a seed, the spring has begun.`)],
];

/** Greetings, thanks, who are you. Any answer of the same tone is as good: not counted in accuracy. */
export const talk: QuestionKind = {
  name: 'talk', levels: ['easy'], weight: 2, exact: false,
  draft(draw) {
    const [questions, answers] = draw.one(TALK);
    return { meanings: [], messages: ask(draw, questions, {}), answer: draw.one(answers), format: 'open' };
  },
};

const TOO_HARD = poolOf(`
  Explain {x}.|Write an essay about {x}.|Who invented {x}?|Translate {x} into French.|How does {x} work?|Write code for {x}.|Why is {x} important?
  |What do you think about {x}?|Describe {x} in detail.|What is the history of {x}?|Give me a summary of {x}.|What is {x}?
  |Tell me everything about {x}.|Compare {x} and {y}.|How can I learn about {x}?|When was {x} discovered?|What causes {x}?|Is {x} good or bad?
  |Write a report on {x}.|List five facts about {x}.|What is the future of {x}?|Who knows most about {x}?|Make a plan for {x}.
  |What are the problems of {x}?`);
const SUBJECTS = poolOf(`
  gravity|quantum physics|the stock market|the Roman Empire|photosynthesis|neural networks|democracy|the telephone|electricity|web servers
  |climate change|inflation|black holes|the French Revolution|evolution|cancer|car engines|philosophy|Shakespeare|vaccines|the internet|encryption
  |compilers|jazz|the moon landing|nuclear power|economics|databases|the brain|poverty|the Cold War|machine learning|the human heart|chess openings
  |ancient Egypt|the solar system|genetics|capitalism|volcanoes|the periodic table|software design|immigration law|tax law|opera|marketing|robotics
  |the ozone layer|antibiotics|relativity|the Middle Ages|architecture|psychology|blockchains|sleep|earthquakes|the United Nations|satellites|calculus
  |modern art|renewable energy`);
const LIVE = poolOf(`
  What is the weather in {c} today?|What is the news today?|Who won the match yesterday?|What time is it now?|Who is the president of {k}?
  |How much does a flight to {c} cost?|Book a table in {c}.|What is on television tonight?|Call {p} for me.|Send a mail to {p}.
  |How many people live in {c}?|What is the price of gold today?|Where is my phone?|Open the door.|Play some music.|What will happen tomorrow?
  |Who is {p}?|What is my password?|Find a doctor in {c}.|What does {p} think of me?|How old is {p}?|When does the shop in {c} close?`);
const ANYWHERE = listOf('Paris|Rome|Oslo|Lima|Boston|Vienna|Cairo|Tokyo');
const COUNTRIES = listOf('France|Peru|Norway|Egypt|Japan|Brazil');
const REFUSALS = listOf('I am too small to know that. Try a larger model.|That is too hard for a tiny engine. A larger model can help.');

/** What is out of reach of a tiny engine: it should say so, of things that it never heard of, too. */
export const refusals: QuestionKind = {
  name: 'refusals', levels: ['easy'], weight: 4, exact: true,
  draft(draw) {
    const [x, y] = draw.words(SUBJECTS, 2) as [string, string];
    const live = draw.chance(0.35);
    const frame = draw.frame(live ? LIVE : TOO_HARD);
    const text = fill(frame, { x, y, p: draw.word(PEOPLE), c: draw.one(ANYWHERE), k: draw.one(COUNTRIES) });
    return { meanings: [`refused ${live ? text : `${frame} ${x}`}`], messages: asked(spoken(draw, text)), answer: draw.one(REFUSALS), format: 'refusal' };
  },
};

const HEROES = poolOf(`
  fox|cat|dog|mouse|bear|rabbit|owl|frog|duck|bird|turtle|lion|wolf|hen|horse|dragon|robot|boy|girl|king|queen|sailor|goat|snail|hedgehog|squirrel
  |knight|farmer|baker|giant`);
const KINDS_OF = listOf('little|small|young|brave|shy|clever|kind|old|curious|gentle|hungry|tired|lonely');
const PLACES = poolOf('forest|garden|village|castle|river|mountain|farm|market|lake|meadow|harbour|tower|island|mill|cave|bridge');
const ITEMS = poolOf(`
  golden key|red ball|silver bell|lost map|blue stone|warm hat|tiny boat|magic seed|broken clock|shiny coin|paper kite|glass star|old book|green lamp
  |wooden flute|long rope`);
const REQUESTS = poolOf(`
  Tell me a story about {h}.|Write a short story about {h}.|A story about {h}, please.|Tell me a tale of {h}.|I want a story about {h}.
  |Can you tell a story about {h}?|Make up a story about {h}.|Story about {h}!|Tell me about {h} in a story.|Invent a story about {h}.
  |Please tell a bedtime story about {h}.`);
const ANY = poolOf('Tell me a story.|A story, please.|Write a short story.|Do you know a story?|Tell me something nice.|I want to hear a story.|Make up a story.');

const BEGIN = listOf(`
  Once upon a time there was {A} {h} called {n}, who lived near the {p}.|Near the {p} lived {A} {h} called {n}.
  |There was once {A} {h}. Its name was {n}, and its home was the {p}.`);
const FIND = listOf('One morning {n} found {f} in the grass.|One day {n} went to the {p} and saw {f}.|One evening, on the way home, {n} saw {f} under a tree.');
const FEEL = listOf('"Whose is this?" asked {n}.|{n} was very happy.|"I must find out who lost it," said {n}.|{n} had never seen such a thing.');
const MEET = listOf(`
  Then {m} the {g} came by and began to cry. "I lost my {i}," said {m}.|{m} the {g} said, "That is mine! I looked for it all day."
  |Soon {m} the {g} came along. "You found my {i}!" said {m}.`);
const GIVE = listOf(`
  So {n} gave the {i} to {m}, and they became good friends.|{n} gave it back at once, and {m} said thank you.
  |"Here it is," said {n}, and {m} was glad.`);
const END = listOf(`
  From that day on they played together every day. The end.|And the {p} was never a lonely place again. The end.
  |They were friends for ever after. The end.`);

/** Two characters with different names, and whatever was asked for. */
export const stories: QuestionKind = {
  name: 'stories', levels: ['easy'], weight: 4, exact: false,
  draft(draw): Draft {
    const [h, g] = draw.words(HEROES, 2) as [string, string];
    const [n, m] = storyNames(draw);
    const [a, i, p] = [draw.one(KINDS_OF), draw.word(ITEMS), draw.word(PLACES)];
    const [wish, mentions] = draw.one<readonly [string, readonly string[]]>([
      [withArticle(h), [h]], [withArticle(h), [h]], [`${withArticle(a)} ${h}`, [a, h]], [`${withArticle(h)} and ${withArticle(i)}`, [h, i]],
      [`${n} the ${h}`, [n, h]], [`${withArticle(h)} near the ${p}`, [h, p]], [`${withArticle(h)} called ${n}`, [n, h]], [`${withArticle(h)} and ${withArticle(g)}`, [h, g]], ['', []],
    ]);
    const question = wish === '' ? draw.frame(ANY) : fill(draw.frame(REQUESTS), { h: wish });
    const values = { h, g, n, m, i, p, A: withArticle(a), f: withArticle(i) };
    const answer = [BEGIN, FIND, FEEL, MEET, GIVE, END].map((part) => fill(draw.one(part), values)).join(' ');
    return {
      meanings: wish === '' ? [] : [`story ${wish}`], messages: asked(spoken(draw, question, 'kept')), answer: capitalised(answer),
      format: 'open', mentions,
    };
  },
};

function storyNames(draw: Draw): readonly [string, string] {
  const one = (): string => (draw.chance(0.2) ? madeName(draw) : draw.word(PEOPLE));
  const n = one();
  for (;;) {
    const m = one();
    if (m !== n) return [n, m];
  }
}
