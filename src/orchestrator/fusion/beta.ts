/** The incomplete beta function: how likely one of two answers is the commoner one. Pure numerics; it knows no votes. */

/** Of the continued fraction: it needs some √max(a, b) steps, so this is enough for counts in the thousands. */
const MOST_STEPS = 300;
/** Where a step changes nothing that a double could hold. */
const PRECISE = 3e-16;
/** Instead of a zero that would be divided by (modified Lentz). */
const TINY = 1e-300;

/**
 * ln Γ(x) for x > 0: Lanczos' series (1964) with the coefficients of Numerical Recipes, 3rd edition, section 6.1, `gammln`.
 * Its relative error is below 1e-14.
 */
export function logGamma(x: number): number {
  const base = x + 5.24218750000000000;
  const rest = LANCZOS.reduce((sum, coefficient, index) => sum + coefficient / (x + 1 + index), 0.999999999999997092);
  return (x + 0.5) * Math.log(base) - base + Math.log((2.5066282746310005 * rest) / x);
}

const LANCZOS = [
  57.1562356658629235, -59.5979603554754912, 14.1360979747417471, -0.491913816097620199, 0.339946499848118887e-4, 0.465236289270485756e-4,
  -0.983744753048795646e-4, 0.158088703224912494e-3, -0.210264441724104883e-3, 0.217439618115212643e-3, -0.164318106536763890e-3,
  0.844182239838527433e-4, -0.261908384015814087e-4, 0.368991826595316234e-5,
];

/**
 * I_x(a, b), the share of a Beta(a, b) distribution that lies below `x`: by continued fraction, evaluated with Lentz' method
 * (Numerical Recipes, 3rd edition, section 6.4, `betacf`).
 *
 * @param x 0 to 1
 * @param a above 0
 * @param b above 0
 */
export function incompleteBeta(x: number, a: number, b: number): number {
  if (x <= 0 || x >= 1) return x <= 0 ? 0 : 1;
  const front = Math.exp(logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log1p(-x));
  // The fraction converges quickly on this side of the mean only; the other side is its mirror.
  return x < (a + 1) / (a + b + 2) ? (front * fraction(x, a, b)) / a : 1 - (front * fraction(1 - x, b, a)) / b;
}

function fraction(x: number, a: number, b: number): number {
  const apart = (value: number): number => (Math.abs(value) < TINY ? TINY : value);
  let c = 1;
  let d = 1 / apart(1 - ((a + b) * x) / (a + 1));
  let result = d;
  for (let step = 1; step <= MOST_STEPS; step += 1) {
    const twice = 2 * step;
    const even = (step * (b - step) * x) / ((a - 1 + twice) * (a + twice));
    const odd = (-(a + step) * (a + b + step) * x) / ((a + twice) * (a + 1 + twice));
    d = 1 / apart(1 + even * d);
    c = apart(1 + even / c);
    result *= d * c;
    d = 1 / apart(1 + odd * d);
    c = apart(1 + odd / c);
    result *= d * c;
    if (Math.abs(d * c - 1) <= PRECISE) break;
  }
  return result;
}
