/** Our own way through worker, comlink, host, asker and store, as any script in the page would take it. */
import { Stopwatch, type Question, type Timed } from './question.ts';

/** When each answer was asked for and done, in milliseconds since 1970, and its tokens. */
export type Load = readonly { readonly from: number; readonly to: number; readonly tokens: number }[];

export async function askOurs({ model, text, maxTokens }: Question): Promise<Timed> {
  const watch = new Stopwatch();
  let tokens = 0;
  const messages = [{ role: 'user' as const, content: text }];
  for await (const event of llambo.ask({ messages, model }, { profile: 'exact', temperature: 0, seed: 0, maxTokens })) {
    if (event.type === 'text') watch.text(event.delta);
    if (event.type === 'done') tokens = event.answer.usage.answerTokens;
  }
  return watch.stop(tokens);
}

const wallTime = (): number => performance.timeOrigin + performance.now();

/** Asks without a pause on several streams at once. After `ms` no stream begins another answer. */
export async function askFor(question: Question, streams: number, ms: number): Promise<Load> {
  const answers: { from: number; to: number; tokens: number }[] = [];
  const until = wallTime() + ms;
  const stream = async (): Promise<void> => {
    while (wallTime() < until) {
      const from = wallTime();
      const { tokens } = await askOurs(question);
      answers.push({ from, to: wallTime(), tokens });
    }
  };
  await Promise.all(Array.from({ length: streams }, stream));
  return answers;
}
