/** What a tab takes with its engines. */
import { memoryOf, openSite, QUESTIONS, setNodes, SMOLLM2, TINY, withBrowser } from './bench-page.mjs';

/**
 * @param {import('./bench-run.mjs').BenchRun} run
 * @returns {Promise<import('./bench-report.mjs').Section>}
 */
export async function memory({ site, quick, smollm2, say }) {
  /** @type {import('./bench-report.mjs').Row[]} */
  const rows = [];
  for (const nodes of quick ? [1, 2] : [1, 2, 4, 16]) rows.push(await measure(site.url, nodes, TINY));
  if (smollm2 === null) rows.push(await measure(site.url, 1, SMOLLM2));
  say(rows);
  return {
    method:
      process.platform === 'linux'
        ? 'The renderer process of the tab, page included, after one answer a node and a collection of garbage: resident memory (with all pages that it shares with other processes, and with its part of them).'
        : 'The browser\'s own estimate (`measureUserAgentSpecificMemory`), after one answer a node.',
    rows,
    ...(smollm2 === null ? {} : { notes: [`SmolLM2 was not measured: ${smollm2}`] }),
  };
}

/**
 * @param {string} url
 * @param {number} nodes
 * @param {keyof typeof QUESTIONS} model
 * @returns {Promise<import('./bench-report.mjs').Row>}
 */
const measure = (url, nodes, model) =>
  withBrowser(async (browser) => {
    const page = await browser.newPage();
    await setNodes(page, url, nodes);
    await openSite(page, url, model);
    const question = QUESTIONS[model];
    const count = await page.evaluate(async ({ model, text }) => {
      const own = llambo.snapshot().nodes.filter((node) => node.model?.id === model);
      for (const { address } of own) await llambo.ask(text, { node: address, maxTokens: 16 }).done;
      return own.length;
    }, question);
    const { rss, pss, heap } = await memoryOf(browser, page);
    const what = model === TINY ? `${nodes} ${nodes === 1 ? 'node' : 'nodes'} of ${model}` : `${model} beside one node of ${TINY}`;
    const fewer = count === nodes ? '' : ` (only ${count} ran)`;
    return { what: `${what}${fewer}`, figure: `${rss.toFixed(0)} MB (${pss.toFixed(0)} MB); JavaScript of the page ${heap.toFixed(0)} MB` };
  });
