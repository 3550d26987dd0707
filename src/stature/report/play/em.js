// Two normal groups without labels: EM, Newton's method, and the search for the best maximum.
//
// theta is {p, m, s}: shares, means and SDs, an array of two each, in the unit of x. Newton works in
// u = (log p0/p1, m0, m1, log s0, log s1). A prior {shares, ratio} adds so many people to each group
// and says how far apart, in logs, two SDs may be; null is none. Formulas: Louis (1982).
const Stature = {};

Stature.em = (() => {
  const LOG_2PI = Math.log(2 * Math.PI);
  const TOLERANCE = 1e-12; // squared standard errors from the maximum, as of `stature fit`
  const FEWEST_PEOPLE = 2.5, SMALLEST_SD = 0.06, CHANCE_RISE = 5; // see estimators/plain/enough.py
  const LONGEST = [2, 1, 1, 1.4, 1.4]; // Newton's longest step, means in SDs of the sample

  const mean = (x) => x.reduce((sum, one) => sum + one, 0) / x.length;
  const spread = (x, centre = mean(x)) =>
    Math.sqrt(x.reduce((sum, one) => sum + (one - centre) ** 2, 0) / x.length);

  // Log-likelihood of one normal.
  const normal = (x, m, s) =>
    x.reduce((sum, one) => sum - 0.5 * ((one - m) / s) ** 2, 0)
    - x.length * (Math.log(s) + 0.5 * LOG_2PI);

  // Log-likelihood (with the prior's), and each person's probability of the first group.
  function expect(x, { p, m, s }, prior = null) {
    const first = new Float64Array(x.length);
    const c0 = Math.log(p[0] / s[0]), c1 = Math.log(p[1] / s[1]);
    let value = -0.5 * LOG_2PI * x.length;
    for (let i = 0; i < x.length; i++) {
      const a = c0 - 0.5 * ((x[i] - m[0]) / s[0]) ** 2;
      const b = c1 - 0.5 * ((x[i] - m[1]) / s[1]) ** 2;
      const top = Math.max(a, b), sum = Math.exp(a - top) + Math.exp(b - top);
      first[i] = Math.exp(a - top) / sum;
      value += top + Math.log(sum);
    }
    if (prior) {
      value += prior.shares * Math.log(p[0] * p[1]);
      value -= 0.5 * (Math.log(s[0] / s[1]) / prior.ratio) ** 2;
    }
    return { value, first };
  }

  // The parameters that make the people likeliest, each belonging to the groups by so much.
  function maximise(x, first, prior = null) {
    const n = [0, 0], sum = [0, 0], square = [0, 0];
    for (let i = 0; i < x.length; i++) {
      n[0] += first[i]; sum[0] += first[i] * x[i];
      n[1] += 1 - first[i]; sum[1] += (1 - first[i]) * x[i];
    }
    const m = [sum[0] / n[0], sum[1] / n[1]];
    for (let i = 0; i < x.length; i++) {
      square[0] += first[i] * (x[i] - m[0]) ** 2;
      square[1] += (1 - first[i]) * (x[i] - m[1]) ** 2;
    }
    const extra = prior ? prior.shares : 0, all = x.length + 2 * extra;
    const s = [0, 1].map((k) => Math.sqrt(square[k] / n[k]));
    if (prior) balance(n, square, s, prior.ratio);
    return { p: n.map((count) => (count + extra) / all), m, s };
  }

  // SDs under a prior on their ratio, by Newton's method in their logs, in place.
  function balance(n, square, s, ratio) {
    const l = s.map(Math.log), tie = 1 / ratio ** 2;
    for (let turn = 0; turn < 30; turn++) {
      const q = l.map((one, k) => square[k] * Math.exp(-2 * one));
      const apart = tie * (l[0] - l[1]);
      const g = [q[0] - n[0] - apart, q[1] - n[1] + apart];
      const a = 2 * q[0] + tie, d = 2 * q[1] + tie, det = a * d - tie * tie;
      const step = [(d * g[0] + tie * g[1]) / det, (tie * g[0] + a * g[1]) / det];
      const cut = Math.min(1, 1 / Math.max(Math.abs(step[0]), Math.abs(step[1]), 1e-9));
      l[0] += cut * step[0]; l[1] += cut * step[1];
      if (Math.abs(step[0]) + Math.abs(step[1]) < 1e-13) break;
    }
    s[0] = Math.exp(l[0]); s[1] = Math.exp(l[1]);
  }

  const step = (x, theta, prior) => maximise(x, expect(x, theta, prior).first, prior);

  // Log-likelihood, score and observed information in u.
  function derivatives(x, theta, prior = null) {
    const { p, m, s } = theta, { value, first } = expect(x, theta, prior);
    const score = [0, 0, 0, 0, 0], info = score.map(() => [0, 0, 0, 0, 0]);
    for (let i = 0; i < x.length; i++) {
      const r = [first[i], 1 - first[i]], q = [1, 0, 0, 0, 0];
      score[0] += r[0] - p[0];
      for (let k = 0; k < 2; k++) {
        const z = (x[i] - m[k]) / s[k], sign = k ? -1 : 1, mu = 1 + k, lam = 3 + k;
        score[mu] += r[k] * z / s[k];
        score[lam] += r[k] * (z * z - 1);
        info[mu][mu] += r[k] / s[k] ** 2;
        info[mu][lam] += 2 * r[k] * z / s[k];
        info[lam][lam] += 2 * r[k] * z * z;
        q[mu] = sign * z / s[k];
        q[lam] = sign * (z * z - 1);
      }
      const lost = r[0] * r[1];
      for (let a = 0; a < 5; a++) for (let b = a; b < 5; b++) info[a][b] -= lost * q[a] * q[b];
    }
    info[0][0] += x.length * p[0] * p[1];
    if (prior) {
      const tie = 1 / prior.ratio ** 2, apart = tie * Math.log(s[0] / s[1]);
      score[0] += prior.shares * (1 - 2 * p[0]);
      score[3] -= apart; score[4] += apart;
      info[0][0] += 2 * prior.shares * p[0] * p[1];
      info[3][3] += tie; info[4][4] += tie; info[3][4] -= tie;
    }
    for (let a = 0; a < 5; a++) for (let b = 0; b < a; b++) info[a][b] = info[b][a];
    return { value, score, info };
  }

  // Eigenvalues and eigenvectors (columns) of a symmetric matrix, by Jacobi's rotations.
  function eigen(matrix) {
    const n = matrix.length, a = matrix.map((row) => row.slice());
    const v = a.map((_, i) => a.map((_, j) => (i === j ? 1 : 0)));
    for (let sweep = 0; sweep < 60; sweep++) {
      let off = 0;
      for (let i = 0; i < n; i++) for (let j = 0; j < i; j++) {
        off = Math.max(off, Math.abs(a[i][j]) / Math.sqrt(Math.abs(a[i][i] * a[j][j]) + 1e-300));
        if (a[i][j] === 0) continue;
        const angle = 0.5 * Math.atan2(2 * a[i][j], a[j][j] - a[i][i]);
        const c = Math.cos(angle), d = Math.sin(angle);
        for (let k = 0; k < n; k++) [a[k][i], a[k][j]] = [c * a[k][i] - d * a[k][j], d * a[k][i] + c * a[k][j]];
        for (let k = 0; k < n; k++) [a[i][k], a[j][k]] = [c * a[i][k] - d * a[j][k], d * a[i][k] + c * a[j][k]];
        for (let k = 0; k < n; k++) [v[k][i], v[k][j]] = [c * v[k][i] - d * v[k][j], d * v[k][i] + c * v[k][j]];
      }
      if (off < 1e-15) break;
    }
    return { values: a.map((row, i) => row[i]), vectors: v };
  }

  const moved = ({ p, m, s }, move, length) => {
    const odds = Math.exp(Math.log(p[0] / p[1]) + length * move[0]);
    return {
      p: [odds / (1 + odds), 1 / (1 + odds)],
      m: [m[0] + length * move[1], m[1] + length * move[2]],
      s: [s[0] * Math.exp(length * move[3]), s[1] * Math.exp(length * move[4])],
    };
  };

  // One step of Newton's method; `unit` is the SD of the sample.
  function newton(x, theta, unit, prior = null) {
    const { value, score, info } = derivatives(x, theta, prior);
    const { values, vectors } = eigen(info);
    const largest = Math.max(...values.map(Math.abs));
    const move = [0, 0, 0, 0, 0];
    let decrement = 0;
    values.forEach((one, k) => {
      const along = vectors.reduce((sum, row, i) => sum + row[k] * score[i], 0);
      const size = along / Math.max(Math.abs(one), 1e-6 * largest);
      decrement += along * size;
      vectors.forEach((row, i) => { move[i] += row[k] * size; });
    });
    const is_top = Math.min(...values) > 0;
    const done = is_top && decrement < TOLERANCE;
    const longest = Math.max(...move.map((one, i) => Math.abs(one) / (LONGEST[i] * (i === 1 || i === 2 ? unit : 1))));
    let length = done ? 1 : Math.min(1, 1 / longest), next = moved(theta, move, length);
    while (!done && !(expect(x, next, prior).value >= value + 1e-4 * length * decrement)) {
      length /= 2;
      if (length < 1e-8) return { theta, value, decrement, done: false, stuck: true };
      next = moved(theta, move, length);
    }
    return { theta: next, value, decrement, done, is_top, stuck: false };
  }

  const is_degenerate = (theta, n, unit) =>
    !(n * Math.min(...theta.p) >= 1 && Math.min(...theta.s) >= 1e-3 * unit);

  // A few steps of EM, then Newton's method to a maximum; null where there is none.
  function optimise(x, start, unit, prior = null, em_steps = 5) {
    let theta = start;
    for (let i = 0; i < em_steps; i++) theta = step(x, theta, prior);
    for (let i = 0; i < 200; i++) {
      if (is_degenerate(theta, x.length, unit)) return null;
      const turn = newton(x, theta, unit, prior);
      if (turn.stuck) return null;
      theta = turn.theta;
      if (turn.done) return { theta, value: expect(x, theta, prior).value, decrement: turn.decrement };
    }
    return null;
  }

  // A run of neighbours as one group, everybody else as the other; x ascending.
  function run(x, begin, count) {
    const inside = x.slice(begin, begin + count);
    const others = [...x.slice(0, begin), ...x.slice(begin + count)];
    const unit = spread(x), groups = [inside, others].map((part) => ({
      p: part.length / x.length, m: mean(part), s: Math.max(spread(part), 0.02 * unit),
    }));
    if (groups[1].m < groups[0].m) groups.reverse();
    return { p: groups.map((one) => one.p), m: groups.map((one) => one.m), s: groups.map((one) => one.s) };
  }

  // Starts: everybody cut in two anywhere, runs of neighbours taken for a group, and a wide group
  // around a narrow one.
  function starts(x) {
    const n = x.length, unit = spread(x), centre = mean(x), found = [];
    for (let cut = 1; cut < 20; cut++) {
      const count = Math.round((cut / 20) * n);
      if (count >= 2 && n - count >= 2) found.push(run(x, 0, count));
    }
    const most = n > 1000 ? 6 : 24; // places of a run
    for (let count = 3; count <= n / 2; count = Math.ceil(count * 1.6)) {
      const places = Math.min(most, Math.ceil((2 * (n - count)) / count));
      for (let i = 0; i <= places; i++) found.push(run(x, Math.round((i / places) * (n - count)), count));
    }
    for (const p of [0.1, 0.3, 0.5, 0.7, 0.9]) {
      found.push({ p: [p, 1 - p], m: [centre - 0.1 * unit, centre + 0.1 * unit], s: [0.5 * unit, 1.3 * unit] });
      found.push({ p: [p, 1 - p], m: [centre - 0.1 * unit, centre + 0.1 * unit], s: [1.3 * unit, 0.5 * unit] });
    }
    return found;
  }

  // Groups in the order of their means.
  const ordered = ({ p, m, s }) =>
    (m[0] <= m[1] ? { p, m, s } : { p: p.toReversed(), m: m.toReversed(), s: s.toReversed() });

  // The best maximum that counts of two groups, with standard errors; null if there is none.
  function fit(heights, prior = null) {
    const centre = mean(heights), unit = spread(heights, centre), n = heights.length;
    const x = heights.map((one) => (one - centre) / unit).sort((a, b) => a - b);
    const ends = starts(x).map((start) => optimise(x, start, 1, prior)).filter(Boolean);
    const usual = ends.filter(({ theta }) =>
      n * Math.min(...theta.p) >= FEWEST_PEOPLE && Math.min(...theta.s) >= SMALLEST_SD);
    const highest = usual.reduce((top, one) => Math.max(top, one.value), -Infinity);
    const counted = ends.filter((one) => usual.includes(one) || one.value > highest + CHANCE_RISE * Math.log(n));
    if (!counted.length) return null;
    const best = counted.reduce((top, one) => (one.value > top.value + 1e-9 ? one : top));
    const near = ordered(best.theta), errors = std_errors(x, near, prior);
    return {
      p: near.p,
      m: near.m.map((one) => centre + unit * one),
      s: near.s.map((one) => unit * one),
      se: { p: errors.p, m: errors.m.map((one) => unit * one), s: errors.s.map((one) => unit * one) },
      value: best.value - n * Math.log(unit),
      decrement: best.decrement,
      starts: ends.length,
      agreeing: counted.filter((one) => Math.abs(one.value - best.value) < 1e-4).length,
    };
  }

  // Standard errors from the observed information.
  function std_errors(x, theta, prior) {
    const { values, vectors } = eigen(derivatives(x, theta, prior).info);
    const variance = (i) => vectors[i].reduce((sum, one, k) => sum + one * one / values[k], 0);
    const share = theta.p[0] * theta.p[1] * Math.sqrt(variance(0));
    return {
      p: [share, share],
      m: [1, 2].map((i) => Math.sqrt(variance(i))),
      s: [3, 4].map((i) => theta.s[i - 3] * Math.sqrt(variance(i))),
    };
  }

  return { mean, spread, normal, expect, maximise, step, newton, optimise, run, starts, ordered, fit, is_degenerate };
})();
