/** Names of people and places that the texts speak of. */
import { listOf, poolOf } from '../splits.ts';
import { madeName } from '../speech.ts';
import type { Draw } from '../types.ts';

export const PEOPLE = poolOf(`
  Ana|Tom|Mia|Leo|Sara|Ben|Lily|Max|Nina|Sam|Eva|Jack|Zoe|Paul|Ruth|Omar|Ivy|Hugo|Emma|Noah|Lena|Felix|Clara|Oscar|Maya|Adam|Julia|Peter|Rosa|Simon
  |Vera|Karl|Tara|David|Nora|Luis|Iris|Erik|Amir|Yuki|Fatima|Ali|Chen|Priya|Ivan|Olga|Marco|Elena|Jonas|Freya|Ravi|Aisha|Diego|Carla|Anton|Greta|Kofi
  |Amara|Sven|Bruno|Alma|Theo|Edith|Walter|Hana|Louis`);

export const CITIES = poolOf(`
  Paris|Berlin|Rome|Madrid|Lisbon|London|Dublin|Oslo|Stockholm|Helsinki|Warsaw|Vienna|Budapest|Athens|Cairo|Nairobi|Accra|Tokyo|Beijing|Bangkok|Hanoi
  |Jakarta|Sydney|Ottawa|Lima|Havana|Santiago|Bogota|Bern|Brussels|Seoul|Boston|Chicago|Munich|Hamburg|Lyon|Milan|Naples|Porto|Seville|Krakow|Prague
  |Geneva|Toronto|Denver|Dallas|Leeds|York|Bristol|Turin`);

export const COUNTABLE = poolOf(`
  apples|pears|books|coins|pens|shells|stamps|cards|marbles|cookies|balloons|stones|flowers|eggs|buttons|pencils|stickers|cups|plates|oranges|lemons
  |cakes|beads|bricks|candles|chairs|boxes|bottles|toys|tickets|roses|nuts|plums|photos|letters|socks|hats|spoons|keys|maps`);

export const PRODUCTS = poolOf(`
  lamp|chair|table|phone|laptop|bicycle|camera|kettle|toaster|jacket|sweater|backpack|book|mirror|desk|sofa|clock|guitar|tent|helmet|printer|keyboard
  |blender|carpet|umbrella|watch|radio|drill|hammer|pillow|blanket|bottle|vase|shelf|monitor|tablet|scarf|suitcase|puzzle|ladder|speaker|heater`);

export const COLOURS = listOf('red|blue|green|yellow|black|white|brown|grey|pink|orange|purple');
export const PETS = listOf('dog|cat|rabbit|parrot|horse|hamster|goldfish|turtle|pony|canary');
export const MONTHS = listOf('January|February|March|April|May|June|July|August|September|October|November|December');
export const DAYS = listOf('Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday');

/** Mostly a known name; one in four is made up, so that engines learn to copy and not to guess. */
export const personName = (draw: Draw): string => (draw.chance(0.25) ? madeName(draw) : draw.word(PEOPLE));

/** Different people. */
export function peopleNames(draw: Draw, count: number): string[] {
  const names: string[] = [];
  while (names.length < count) {
    const name = personName(draw);
    if (!names.includes(name)) names.push(name);
  }
  return names;
}

export const cityName = (draw: Draw): string => (draw.chance(0.2) ? madeName(draw) : draw.word(CITIES));
