/** What the engines know by heart. Small closed classes: trained whole. */
import { listOf, pairsOf } from '../splits.ts';

export const CAPITALS = pairsOf(`
  France=Paris|Germany=Berlin|Italy=Rome|Spain=Madrid|Portugal=Lisbon|England=London|Ireland=Dublin|Scotland=Edinburgh|Norway=Oslo|Sweden=Stockholm
  |Finland=Helsinki|Denmark=Copenhagen|Poland=Warsaw|Austria=Vienna|Hungary=Budapest|Greece=Athens|Turkey=Ankara|Russia=Moscow|Ukraine=Kyiv
  |Egypt=Cairo|Kenya=Nairobi|Nigeria=Abuja|Ghana=Accra|Morocco=Rabat|Japan=Tokyo|China=Beijing|India=New Delhi|Thailand=Bangkok|Vietnam=Hanoi
  |Indonesia=Jakarta|Australia=Canberra|New Zealand=Wellington|Canada=Ottawa|Mexico=Mexico City|Cuba=Havana|Brazil=Brasilia|Argentina=Buenos Aires
  |Chile=Santiago|Peru=Lima|Colombia=Bogota|Switzerland=Bern|Belgium=Brussels|the Netherlands=Amsterdam|Iceland=Reykjavik|the United States=Washington
  |South Korea=Seoul|Iran=Tehran|Iraq=Baghdad`);

export const OPPOSITES = pairsOf(`
  hot=cold|big=small|tall=short|fast=slow|happy=sad|light=dark|hard=soft|wet=dry|old=new|rich=poor|high=low|near=far|early=late|open=closed|full=empty
  |strong=weak|loud=quiet|thick=thin|wide=narrow|clean=dirty|good=bad|up=down|left=right|day=night|black=white|start=end|win=lose|push=pull|buy=sell
  |love=hate|first=last|true=false|sweet=sour|brave=afraid|deep=shallow|sharp=dull|smooth=rough|inside=outside|always=never|many=few|above=below
  |before=after|yes=no|summer=winter|friend=enemy|question=answer|lost=found|awake=asleep|easy=difficult|cheap=expensive|safe=dangerous
  |heavy=weightless|alive=dead|front=back|give=take|arrive=leave|remember=forget|north=south|east=west|more=less|top=bottom|begin=finish
  |same=different|sick=healthy|laugh=cry|import=export|question=answer`).filter(([one], index, all) => all.findIndex(([other]) => other === one) === index);

export const SOUNDS = pairsOf(`
  dog=Woof|cat=Meow|cow=Moo|duck=Quack|sheep=Baa|pig=Oink|horse=Neigh|lion=Roar|frog=Ribbit|bee=Buzz|snake=Hiss|owl=Hoot|mouse=Squeak
  |rooster=Cock-a-doodle-doo|crow=Caw|wolf=Howl`);
export const LEGS = pairsOf(`
  dog=4|cat=4|cow=4|horse=4|bird=2|duck=2|spider=8|ant=6|bee=6|snake=0|fish=0|person=2|frog=4|beetle=6|chicken=2|sheep=4|goat=4|lion=4|butterfly=6`);
export const COLOUR_OF = pairsOf(`
  grass=Green|snow=White|a banana=Yellow|coal=Black|blood=Red|the sky on a clear day=Blue|an orange=Orange|a lemon=Yellow|a ripe tomato=Red
  |chocolate=Brown|milk=White|a leaf in spring=Green|the night=Black|a flamingo=Pink|an elephant=Grey|the sun=Yellow|a carrot=Orange|salt=White
  |a polar bear=White|a frog=Green`);
export const MATERIAL = pairsOf(`
  window=Glass|shirt=Cotton|ring=Gold|book=Paper|table=Wood|coin=Metal|tyre=Rubber|sweater=Wool|bottle=Plastic|brick=Clay|shoe=Leather|nail=Iron
  |candle=Wax|newspaper=Paper|door=Wood`);
export const YOUNG = pairsOf(`
  dog=Puppy|cat=Kitten|cow=Calf|horse=Foal|sheep=Lamb|pig=Piglet|hen=Chick|duck=Duckling|lion=Cub|bear=Cub|goat=Kid|goose=Gosling|frog=Tadpole
  |swan=Cygnet`);
export const HOMES = pairsOf('bee=Hive|bird=Nest|spider=Web|horse=Stable|dog=Kennel|fox=Den|rabbit=Burrow|pig=Sty|lion=Den|cow=Barn');
export const WORKPLACES = pairsOf(`
  teacher=School|doctor=Hospital|farmer=Farm|cook=Kitchen|baker=Bakery|pilot=Plane|sailor=Ship|judge=Court|librarian=Library|nurse=Hospital
  |waiter=Restaurant|mechanic=Garage`);

/** Words of one sort; none is in two, and nobody would argue. */
export const SORTS: Readonly<Record<string, readonly string[]>> = {
  fruit: listOf('apple|pear|banana|grape|cherry|peach|plum|mango|melon|kiwi|strawberry|pineapple'),
  animal: listOf('dog|cat|horse|cow|lion|tiger|wolf|bear|fox|rabbit|goat|elephant'),
  colour: listOf('red|blue|green|yellow|purple|pink|brown|black|white|grey'),
  tool: listOf('hammer|saw|drill|wrench|shovel|rake|axe|chisel|pliers|screwdriver'),
  vegetable: listOf('carrot|onion|potato|cabbage|spinach|leek|pea|bean|broccoli|celery'),
  bird: listOf('sparrow|eagle|owl|robin|crow|duck|swan|hawk|parrot|pigeon'),
  vehicle: listOf('car|bus|train|plane|boat|truck|bicycle|tram|ship|taxi'),
  instrument: listOf('piano|guitar|violin|flute|drum|trumpet|harp|cello|clarinet|organ'),
  clothing: listOf('shirt|coat|hat|sock|glove|scarf|skirt|jacket|dress|sweater'),
  furniture: listOf('table|chair|bed|sofa|desk|shelf|wardrobe|bench|stool|cupboard'),
  'body part': listOf('hand|foot|nose|ear|knee|elbow|shoulder|finger|neck|arm'),
  drink: listOf('water|milk|juice|tea|coffee|lemonade|cocoa|wine|beer|cider'),
};

/** Birds are animals: such a pair would have two right answers. */
export const sortsOverlap = (one: string, other: string): boolean => one === other || [one, other].sort().join() === 'animal,bird';
