/** The same in a browser: its curves, and what it says to keys that are none. */
import './relay-crypto.test.ts';
