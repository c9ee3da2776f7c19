/** How fast answers are: the tiny engine with more and more slots busy, and SmolLM2 alone. */
import { openSite, QUESTIONS, setNodes, SMOLLM2, TINY, withBrowser } from './bench-page.mjs';
import { tokensPerSecond } from './bench-work.mjs';

/**
 * @param {import('./bench-run.mjs').BenchRun} run
 * @returns {Promise<import('./bench-report.mjs').Section>}
 */
export async function speed({ site, quick, smollm2, say }) {
  const ms = quick ? 2000 : 6000;
  /** @type {import('./bench-report.mjs').Row[]} */
  const rows = await withBrowser(async (browser) => {
    const page = await browser.newPage();
    await setNodes(page, site.url, 1);
    await openSite(page, site.url);
    const found = [];
    for (const streams of [1, 2, 4]) {
      const [rate = 0] = await tokensPerSecond([page], QUESTIONS[TINY], ms, streams);
      found.push({ what: `${TINY}, one node, ${streams} ${streams === 1 ? 'slot' : 'slots'} busy`, figure: `${rate.toFixed(0)} tokens/s together` });
    }
    return found;
  });
  if (smollm2 === null) {
    const [rate = 0] = await withBrowser(async (browser) => {
      const page = await openSite(await browser.newPage(), site.url, SMOLLM2);
      return tokensPerSecond([page], QUESTIONS[SMOLLM2], ms * 3);
    });
    rows.push({ what: `${SMOLLM2}, one answer at a time`, figure: `${rate.toFixed(1)} tokens/s` });
  }
  say(rows);
  return {
    method: 'Tokens per second through `llambo.ask`, prefill included, exact profile, while questions follow each other without a pause.',
    rows,
    ...(smollm2 === null ? {} : { notes: [`SmolLM2 was not measured: ${smollm2}`] }),
  };
}
