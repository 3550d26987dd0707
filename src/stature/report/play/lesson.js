// The lesson: six experiments on stored people and samples.
const Lesson = (() => {
  const section = document.getElementById("lesson");
  const em = Stature.em;
  const BOX_CM = 2; // the aim: both means so near
  const REACH_CM = 12; // how far the pictures of clouds reach
  const ELLIPSE = Math.sqrt(-2 * Math.log(0.05)); // 95 % of a normal in the plane
  const PRIOR_PEOPLE = 5, RATIOS = [null, 1, 0.5, 0.2, 0.05]; // priors, from none to strong
  const FEW = [30, 40, 50, 60, 80, 100, 140, 200], BIN_CM = 2, MOST_STEPS = 4000, FRAME_MS = 60, NEAR = 1e-6;
  const acts = [];
  let data, theta; // theta: where the curves of the second experiment stand

  const say = (en, zh) => (section.dataset.language === "zh" ? zh : en);
  const find = (name) => document.getElementById(`lesson-${name}`);
  const digits = (value, count = 2) => value.toLocaleString("en", { minimumFractionDigits: count, maximumFractionDigits: count, useGrouping: false });
  const bell = (x, m, s) => Math.exp(-0.5 * ((x - m) / s) ** 2) / (s * Math.sqrt(2 * Math.PI));
  const extent = (values, spare) => [Math.min(...values) - spare, Math.max(...values) + spare];

  // An experiment: its sliders, its buttons, its words, and how it is drawn.
  class Act {
    constructor(name) {
      this.element = find(name);
      if (!this.element) return;
      acts.push(this);
      this.sliders = {};
      for (const input of this.element.querySelectorAll("input[type=range]")) {
        this.sliders[input.name] = input;
        input.addEventListener("input", () => { this.changed?.(input.name); this.draw(); });
      }
      for (const button of this.element.querySelectorAll(".predict button")) {
        button.addEventListener("click", () => this.answer(button));
      }
    }

    get = (name) => Number(this.sliders[name].value);

    set(name, value) { this.sliders[name].value = value; }

    shows(name, words) {
      this.sliders[name].previousElementSibling.textContent = words;
      this.sliders[name].setAttribute("aria-valuetext", words);
    }

    on(name, call) { this.element.querySelector(`[data-do="${name}"]`).addEventListener("click", call); }

    tell(name, words) { this.element.querySelector(`[data-say="${name}"]`).textContent = words; }

    answer(button) {
      this.chosen = button;
      for (const one of this.element.querySelectorAll(".predict button")) one.setAttribute("aria-pressed", String(one === button));
      this.element.querySelector(".revealed").hidden = false;
      this.draw();
    }

    // Draw, if the answer has been given.
    draw() {
      if (!this.chosen) return;
      this.element.querySelector(".said").textContent = this.chosen.dataset[section.dataset.language];
      this.picture();
    }
  }

  const marked = (plot, m, s, scale, kind) => plot.curve((x) => scale * bell(x, m, s), kind);

  // People as dots, in columns of so many cm; `look` gives the colour and class of each.
  function stack(plot, people, look) {
    const height = new Map();
    people.forEach((x, i) => {
      const bin = Math.floor(x / BIN_CM), level = height.get(bin) ?? 0;
      height.set(bin, level + 1);
      const [style, kind] = look(i);
      plot.dot((bin + 0.5) * BIN_CM, level + 0.5, kind, 3.6, style);
    });
  }

  const tallest = (people) => {
    const counts = {};
    for (const x of people) counts[Math.floor(x / BIN_CM)] = (counts[Math.floor(x / BIN_CM)] ?? 0) + 1;
    return Math.max(...Object.values(counts));
  };

  // A colour between those of the two groups.
  const tint = (first) => `fill: color-mix(in oklab, var(--one) ${(100 * first).toFixed(1)}%, var(--two))`;

  function likelihood() {
    const act = new Act("likelihood"), BLACK = 7, WHITE = 3;
    const product = (p) => p ** BLACK * (1 - p) ** WHITE, log = (p) => BLACK * Math.log(p) + WHITE * Math.log(1 - p);
    const m = em.mean(data.boys), s = em.spread(data.boys), n = data.boys.length, top = em.normal(data.boys, m, s);
    act.on("top", () => { act.set("mean", m); act.set("sd", s); act.exact = true; act.draw(); });
    act.changed = () => { act.exact = false; };
    act.picture = () => {
      const p = act.get("p");
      act.shows("p", digits(p));
      act.tell("balls", say(`Product p⁷(1 − p)³ = ${product(p).toExponential(3)}; logarithm ${digits(log(p), 3)}, which is ${digits(log(0.7) - log(p), 3)} below the top.`,
        `乘积 p⁷(1 − p)³ = ${product(p).toExponential(3)}；对数 ${digits(log(p), 3)}，比最高点低 ${digits(log(0.7) - log(p), 3)}。`));
      for (const [id, f, y, name] of [["product", (at) => 1000 * product(at), [0, 2.5], say("product × 1000", "乘积 × 1000")], ["logarithm", log, [-20, -5], say("logarithm", "对数")]]) {
        const plot = new Picture(find(id), { x: [0, 1], y, x_name: "p", y_name: name, height: 220, label: `${name}, p = ${p}` });
        plot.curve(f, "line");
        plot.upright(p, "here");
        plot.dot(p, Math.max(f(p), y[0]), "mark", 6);
        plot.show();
      }
      const mean = act.exact ? m : act.get("mean"), sd = act.exact ? s : act.get("sd"), value = em.normal(data.boys, mean, sd);
      act.shows("mean", digits(mean, 1));
      act.shows("sd", digits(sd, 1));
      act.tell("boys", say(`Log-likelihood ${digits(value)}: ${digits(top - value)} below the top.${act.exact ? ` The top is the boys' own mean, ${digits(m)} cm, and SD, ${digits(s)} cm.` : ""}`,
        `对数似然 ${digits(value)}：比最高点低 ${digits(top - value)}。${act.exact ? `最高点就是男孩们自己的均值 ${digits(m)} cm 和标准差 ${digits(s)} cm。` : ""}`));
      const people = new Picture(find("bell"), { x: extent(data.boys, 8), y: [0, tallest(data.boys) + 3], x_name: say("height, cm", "身高（cm）"), y_name: say("boys per 2 cm", "每 2 cm 人数"), height: 280, label: say("A hundred boys under a bell curve", "一百个男孩与钟形曲线") });
      stack(people, data.boys, () => ["fill: var(--quiet); fill-opacity: .5", ""]);
      marked(people, mean, sd, n * BIN_CM, "two");
      people.show();
      const plot = new Picture(find("contour"), { x: [166, 186], y: [3.5, 14], x_name: say("mean, cm", "均值（cm）"), y_name: say("SD, cm", "标准差（cm）"), height: 280, label: say("Contours of the log-likelihood", "对数似然的等高线") });
      for (const below of [0.5, 2, 5, 10, 20, 40, 80]) plot.path(contour(m, s, n, below), below === 2 ? "line" : "faint");
      if (act.exact) plot.cross(m, s, "truth");
      plot.dot(mean, sd, "mark", 6);
      plot.show();
    };
  }

  // Where the log-likelihood of n heights with mean m and SD s is so far below its top.
  function contour(m, s, n, below) {
    const half = (sd) => 2 * sd * sd * (below / n + 0.5 - Math.log(sd / s)) - s * s;
    // The ends of the ring, by bisection, and points between them that are dense at both ends.
    const [low, high] = [s / 20, s * 20].map((beyond) => {
      let inside = s, outside = beyond;
      for (let i = 0; i < 60; i++) {
        const middle = (inside + outside) / 2;
        if (half(middle) >= 0) inside = middle; else outside = middle;
      }
      return inside;
    });
    const sides = Array.from({ length: 121 }, (_, i) => {
      const sd = (low + high) / 2 - ((high - low) / 2) * Math.cos((i * Math.PI) / 120);
      return [Math.sqrt(Math.max(0, half(sd))), sd];
    });
    const ring = [...sides.map(([away, sd]) => [m + away, sd]), ...sides.toReversed().map(([away, sd]) => [m - away, sd])];
    return [...ring, ring[0]];
  }

  function be_em() {
    const act = new Act("em"), x = data.people, n = x.length, unit = em.spread(x);
    const best = em.fit(x), START = { p: [0.5, 0.5], m: [158, 168], s: [5, 5] };
    let first, race, labels = false, timer = null, steps;

    const put = (next) => {
      theta = em.ordered(next);
      for (const k of [0, 1]) { act.set(`m${k}`, theta.m[k]); act.set(`s${k}`, theta.s[k]); }
      act.set("p0", theta.p[0]);
    };
    const begin = (next) => { put(next); first = null; race = null; steps = { em: 0, newton: 0 }; };
    const expect = () => { first = em.expect(x, theta).first; };
    const one_step = () => { expect(); put(em.maximise(x, first)); steps.em += 1; expect(); };
    const stop = () => { clearInterval(timer); timer = null; pressed("play", false); };
    const pressed = (name, is) => act.element.querySelector(`[data-do="${name}"]`).setAttribute("aria-pressed", String(is));
    const gap = () => race.tops.em - em.expect(x, theta).value;

    begin(START);
    act.changed = () => {
      stop();
      begin({ p: [act.get("p0"), 1 - act.get("p0")], m: [act.get("m0"), act.get("m1")], s: [act.get("s0"), act.get("s1")] });
    };
    act.on("e", () => { stop(); race ??= run_race(); expect(); act.draw(); });
    act.on("m", () => { stop(); race ??= run_race(); if (!first) expect(); put(em.maximise(x, first)); first = null; steps.em += 1; act.draw(); });
    act.on("newton", () => { stop(); race ??= run_race(); put(em.newton(x, theta, unit).theta); steps.newton += 1; expect(); act.draw(); });
    act.on("again", () => { stop(); begin(START); act.draw(); });
    act.on("labels", () => { labels = !labels; pressed("labels", labels); if (!first) expect(); act.draw(); });
    act.on("play", () => {
      if (timer) return stop();
      race ??= run_race();
      if (Page.is_still()) { for (let i = 0; i < MOST_STEPS && gap() > NEAR; i++) one_step(); return act.draw(); }
      pressed("play", true);
      let at_once = 1;
      timer = setInterval(() => {
        for (let i = 0; i < Math.floor(at_once) && steps.em < MOST_STEPS; i++) one_step();
        at_once *= 1.03;
        if (gap() < NEAR || steps.em >= MOST_STEPS) stop();
        act.draw();
      }, FRAME_MS);
    });

    // EM and Newton's method from where the curves stand.
    function run_race() {
      const by = { em: [], newton: [] };
      let here = theta;
      for (let i = 0; i <= MOST_STEPS; i++, here = em.step(x, here)) by.em.push(em.expect(x, here).value);
      const end = em.optimise(x, here, unit, null, 0)?.value ?? by.em.at(-1);
      here = theta;
      for (let i = 0; i <= 60; i++) {
        const turn = em.newton(x, here, unit);
        by.newton.push(turn.value);
        if (turn.done || turn.stuck) break;
        here = turn.theta;
      }
      return { ...by, tops: { em: end, newton: by.newton.at(-1) } };
    }

    // Drag the nearest curve by its top, or by its side to change the SD.
    const host = find("people");
    let held = null, plot;
    host.addEventListener("pointerdown", (event) => {
      const at = plot.from_x(event.clientX), grips = [0, 1].flatMap((k) => [[`m${k}`, theta.m[k]], [`s${k}`, theta.m[k] + (k ? 1 : -1) * theta.s[k]]]);
      held = grips.reduce((near, one) => (Math.abs(one[1] - at) < Math.abs(near[1] - at) ? one : near))[0];
      host.setPointerCapture(event.pointerId);
    });
    host.addEventListener("pointermove", (event) => {
      if (!held) return;
      const at = plot.from_x(event.clientX), k = Number(held[1]);
      const value = held[0] === "m" ? at : Math.max(1, (k ? 1 : -1) * (at - theta.m[k]));
      act.set(held, value);
      act.changed();
      act.draw();
    });
    for (const end of ["pointerup", "pointercancel"]) host.addEventListener(end, () => { held = null; });

    act.picture = () => {
      for (const k of [0, 1]) { act.shows(`m${k}`, digits(theta.m[k], 1)); act.shows(`s${k}`, digits(theta.s[k], 1)); }
      act.shows("p0", digits(theta.p[0]));
      const top = tallest(x) + 3, scale = n * BIN_CM;
      plot = new Picture(host, { x: extent(x, 6), y: [0, top], x_name: say("height, cm", "身高（cm）"), y_name: say("people per 2 cm", "每 2 cm 人数"), height: 320, label: say("Two hundred people under two curves", "两百个人与两条曲线") });
      const wrong = (i) => labels && (first[i] > 0.5 ? 0 : 1) !== data.groups[i];
      stack(plot, x, (i) => [labels ? `fill: var(--${data.groups[i] ? "two" : "one"})` : first ? tint(first[i]) : "fill: var(--quiet); fill-opacity: .5", wrong(i) ? "wrong" : ""]);
      marked(plot, theta.m[0], theta.s[0], scale * theta.p[0], "one");
      marked(plot, theta.m[1], theta.s[1], scale * theta.p[1], "two");
      [0, 1].forEach((k) => {
        const side = theta.m[k] + (k ? 1 : -1) * theta.s[k], y = (at) => scale * theta.p[k] * bell(at, theta.m[k], theta.s[k]);
        plot.dot(theta.m[k], Math.min(y(theta.m[k]), top), "grip", 7);
        plot.dot(side, Math.min(y(side), top), "grip", 5);
      });
      plot.show();
      const value = em.expect(x, theta).value, below = Math.max(0, best.value - value);
      const higher = value > best.value + 1e-6;
      const count = labels ? x.filter((_, i) => wrong(i)).length : 0;
      act.tell("people", say(
        `Log-likelihood ${digits(value)}, ${higher ? "above the best maximum that counts: a curve sits on a few people" : `${digits(below, below < 0.01 ? 6 : 2)} below the best maximum`}. Steps of EM: ${steps.em}, of Newton: ${steps.newton}.${labels ? ` Ringed: ${count} of ${n} are in the wrong group.` : ""}`,
        `对数似然 ${digits(value)}，${higher ? "高于有意义的最大值：一条曲线压在少数人身上" : `比最好的极大值低 ${digits(below, below < 0.01 ? 6 : 2)}`}。EM 步数：${steps.em}，牛顿法步数：${steps.newton}。${labels ? `画圈的：${n} 人中有 ${count} 人被分错。` : ""}`));
      draw_race();
    };

    function draw_race() {
      const host = find("race");
      if (!race) {
        host.replaceChildren();
        return act.tell("race", say("Make a step, and both paths are drawn.", "走一步，就会画出两条路径。"));
      }
      const left = (name) => race[name].map((value) => Math.max(race.tops[name] - value, 1e-8));
      const most = Math.max(10, 2 * left("em")[0], 2 * left("newton")[0]);
      const graph = new Picture(host, { x: [0, Math.log10(race.em.length)], y: [1e-8, most], log: true, x_name: say("steps + 1, powers of ten", "步数 + 1（10 的幂）"), y_name: say("still to gain", "尚差"), height: 240, label: say("EM beside Newton", "EM 与牛顿法") });
      for (const [name, kind] of [["em", "one"], ["newton", "two"]]) graph.path(left(name).map((value, i) => [Math.log10(i + 1), value]), kind);
      graph.show();
      const until = (name) => { const at = left(name).findIndex((value) => value < NEAR); return at < 0 ? say(`more than ${MOST_STEPS}`, `超过 ${MOST_STEPS}`) : at; };
      const apart = Math.abs(race.tops.em - race.tops.newton) > NEAR, tops = ["em", "newton"].map((name) => digits(race.tops[name]));
      act.tell("race", say(
        `Steps to within 0.000001 of the maximum that each leads to: EM ${until("em")}, Newton ${until("newton")}.${apart ? ` They lead to different maxima: ${tops.join(" and ")}.` : ""}`,
        `与各自到达的极大值相差不到 0.000001 所需步数：EM ${until("em")}，牛顿法 ${until("newton")}。${apart ? `两者到达不同的极大值：${tops.join(" 与 ")}。` : ""}`));
    }
  }

  // Points of a cloud at one size: how far both means are off, in cm.
  function points(cloud, size) {
    const letters = atob(cloud.points), bytes = Uint8Array.from(letters, (one) => one.charCodeAt(0));
    const whole = new DataView(bytes.buffer), found = [];
    for (let i = 0; i < cloud.replicates; i++) {
      const at = 4 * (size * cloud.replicates + i), pair = [whole.getInt16(at, true), whole.getInt16(at + 2, true)];
      if (pair[0] > -32768) found.push(pair.map((one) => one / 100));
    }
    return found;
  }

  const ROLES = { labelled: ["labels seen", "知道标签"], hidden: ["labels hidden", "不知道标签"], "known shares": ["labels hidden, shares known", "不知道标签，知道比例"], prior: ["labels hidden, with a weak prior", "不知道标签，加弱先验"] };

  // The clouds of some estimators at one size, beside each other.
  function clouds(host, which, size) {
    while (host.children.length > which.length) host.lastChild.remove();
    which.forEach((cloud, i) => {
      const found = points(cloud, size), is_in = ([a, b]) => Math.abs(a) <= BOX_CM && Math.abs(b) <= BOX_CM;
      const inside = found.filter(is_in).length, beyond = found.filter(([a, b]) => Math.max(Math.abs(a), Math.abs(b)) > REACH_CM).length;
      if (!host.children[i]) {
        const place = document.createElement("div");
        place.className = "cloud";
        place.append(document.createElement("h4"), Object.assign(document.createElement("div"), { className: "picture", id: `${host.id}-${i}` }), document.createElement("p"));
        host.append(place);
      }
      const [title, picture, words] = host.children[i].children;
      title.textContent = `${say(...ROLES[cloud.role])} (${cloud.estimator})`;
      const range = [-REACH_CM, REACH_CM];
      const plot = new Picture(picture, { x: range, y: range, x_name: say(`${data.names[0]}: off by, cm`, `${data.names[0]}：误差（cm）`), y_name: say(`${data.names[1]}: off by, cm`, `${data.names[1]}：误差（cm）`), height: Math.min(340, Picture.width(picture)), label: title.textContent });
      for (const [a, b] of found) plot.dot(a, b, "point", 2.5);
      plot.box([-BOX_CM, BOX_CM], [-BOX_CM, BOX_CM], "aim");
      const [v, w, gap, ...limit] = cloud.theory[size];
      if (v !== null && gap !== null && cloud.bias === which[0].bias) plot.path(ellipse(v * v, w * w, (v * v + w * w - gap * gap) / 2, limit), "theory");
      plot.cross(0, 0, "truth");
      if (limit[0] !== null && Math.hypot(...limit) > 0.05) {
        plot.path([[limit[0] - 0.7, limit[1]], [limit[0] + 0.7, limit[1]]], "limit");
        plot.path([[limit[0], limit[1] - 0.7], [limit[0], limit[1] + 0.7]], "limit");
      }
      plot.show();
      words.textContent = say(`${inside} of ${found.length} samples are in the box${beyond ? `; ${beyond} are outside the picture` : ""}.`, `${found.length} 个样本中有 ${inside} 个在方框内${beyond ? `；${beyond} 个在图外` : ""}。`);
    });
  }

  // The ellipse of 95 % of a normal with these variances and covariance.
  function ellipse(v, w, covariance, [a, b]) {
    const angle = 0.5 * Math.atan2(2 * covariance, v - w), half = Math.hypot((v - w) / 2, covariance);
    const [long, short] = [1, -1].map((sign) => ELLIPSE * Math.sqrt(Math.max(0, (v + w) / 2 + sign * half)));
    return Array.from({ length: 73 }, (_, i) => {
      const turn = (i * Math.PI) / 36, x = long * Math.cos(turn), y = short * Math.sin(turn);
      return [(a ?? 0) + x * Math.cos(angle) - y * Math.sin(angle), (b ?? 0) + x * Math.sin(angle) + y * Math.cos(angle)];
    });
  }

  const unbiased = () => data.clouds.filter((one) => one.bias === data.clouds[0].bias);

  function more_people() {
    const act = new Act("more");
    if (!act.element) return;
    act.picture = () => {
      act.shows("size", String(data.sizes[act.get("size")]));
      clouds(find("clouds"), unbiased(), act.get("size"));
    };
  }

  function biased() {
    const act = new Act("bias");
    if (!act.element) return;
    const biases = [...new Set(data.clouds.map((one) => one.bias))];
    act.picture = () => {
      const name = biases[act.get("bias")];
      const which = data.clouds.filter((one) => one.bias === name && (one.role === "labelled" || one.role === "hidden"));
      act.shows("bias", name);
      act.shows("size", String(data.sizes[act.get("size")]));
      act.tell("bias", `${name}: ${which[0].words}.`);
      clouds(find("biased"), which, act.get("size"));
    };
  }

  function wrong_maximum() {
    const act = new Act("wrong");
    const narrow_of = (theta) => (theta.s[0] < theta.s[1] ? 0 : 1);
    const { x, unit, broad, start } = some_people();

    // The fewest people whose likelihood has a maximum on three of them above that of two broad
    // groups; the start there, and the start that ends at the broad ones.
    function some_people() {
      let found;
      for (const few of FEW) {
        const x = data.people.slice(0, few).toSorted((a, b) => a - b), unit = em.spread(x), middle = em.mean(x);
        const broad = { p: [0.5, 0.5], m: [middle - 0.8 * unit, middle + 0.8 * unit], s: [0.6 * unit, 0.6 * unit] };
        const wide = em.optimise(x, broad, unit, null, 60);
        const ends = x.slice(0, -2).map((_, i) => em.run(x, i, 3)).map((start) => [start, em.optimise(x, start, unit, null, 30)])
          .filter(([, end]) => end && Math.abs(few * end.theta.p[narrow_of(end.theta)] - 3) < 0.7);
        if (!ends.length) continue;
        const [start, top] = ends.reduce((best, one) => (one[1].value > best[1].value ? one : best));
        found ??= { x, unit, broad, start };
        if (wide && Math.min(...wide.theta.p) > 0.2 && Math.min(...wide.theta.s) > 0.3 * Math.max(...wide.theta.s) && top.value > wide.value) return { x, unit, broad, start };
      }
      return found ?? { x: data.people };
    }

    if (!start) return act.element.remove(); // no three people of this study attract it
    act.picture = () => {
      const ratio = RATIOS[act.get("prior")], prior = ratio && { shares: PRIOR_PEOPLE, ratio };
      act.shows("prior", ratio ? say(`log ratio of SDs within ±${ratio}`, `标准差对数之比在 ±${ratio} 内`) : say("none", "无"));
      const path = [start];
      for (let i = 0; i < 400; i++) path.push(em.step(x, path.at(-1), prior));
      const ends = [em.optimise(x, start, unit, prior, 60), em.optimise(x, broad, unit, prior, 60)];
      const words = ends.map((end) => (end ? digits(end.value) : say("no maximum", "没有极大值")));
      const is_one = ends[0] && ends[1] && Math.abs(ends[0].value - ends[1].value) < 1e-6;
      const people = ends[0] ? digits(x.length * ends[0].theta.p[narrow_of(ends[0].theta)], 1) : "";
      act.tell("wrong", is_one
        ? say(`Both starts end at one maximum, ${words[0]}: the prior has taken the narrow curve away.`, `两个起点到达同一个极大值 ${words[0]}：先验消除了窄曲线。`)
        : say(`Log-likelihood${prior ? " with the prior" : ""}: narrow curve ${words[0]}, on ${people} people; two broad groups ${words[1]}.`, `对数似然${prior ? "（含先验）" : ""}：窄曲线 ${words[0]}，压在 ${people} 人上；两个宽的组 ${words[1]}。`));
      const plot = new Picture(find("two-ends"), { x: extent(x, 6), y: [0, tallest(x) + 6], x_name: say("height, cm", "身高（cm）"), y_name: say("people per 2 cm", "每 2 cm 人数"), height: 320, label: say("Some people, and the two ends as curves", "一些人与两个终点的曲线") });
      stack(plot, x, () => ["fill: var(--quiet); fill-opacity: .5", ""]);
      const density = ({ theta: { p, m, s } }) => (at) => x.length * BIN_CM * (p[0] * bell(at, m[0], s[0]) + p[1] * bell(at, m[1], s[1]));
      if (ends[1]) plot.curve(density(ends[1]), "one", "", 400);
      if (ends[0] && !is_one) plot.curve(density(ends[0]), "two", "", 400);
      plot.show();
      surface(path, ends, prior);
    };

    // The log-likelihood over mean and log SD of one curve, the rest fitted by some steps of EM.
    function surface(path, ends, prior) {
      const COLUMNS = 44, ROWS = 28, range = extent(x, 2), logs = [Math.log(Math.min(0.02 * unit, 0.6 * Math.min(...path.at(-1).s))), Math.log(1.4 * unit)];
      const narrow = narrow_of(start), cells = [];
      for (let row = 0; row < ROWS; row++) for (let column = 0; column < COLUMNS; column++) {
        const m = range[0] + ((column + 0.5) / COLUMNS) * (range[1] - range[0]), s = Math.exp(logs[0] + ((row + 0.5) / ROWS) * (logs[1] - logs[0]));
        let theta = { p: [0.5, 0.5], m: [m, em.mean(x)], s: [s, 0.9 * unit] };
        for (let i = 0; i < 12; i++) {
          const next = em.step(x, theta, prior);
          theta = { p: next.p, m: [m, next.m[1]], s: [s, next.s[1]] };
        }
        cells.push([column, row, em.expect(x, theta, prior).value]);
      }
      const top = Math.max(...cells.map(([, , value]) => value)), DEPTH = 6;
      const plot = new Picture(find("surface"), { x: range, y: logs.map((one) => one / Math.LN10), x_name: say("mean of one curve, cm", "一条曲线的均值（cm）"), y_name: say("its SD, cm, log10", "其标准差（log10 cm）"), height: 320, label: say("Surface of the log-likelihood", "对数似然曲面") });
      const [width, height] = [(range[1] - range[0]) / COLUMNS, (plot.y[1] - plot.y[0]) / ROWS];
      for (const [column, row, value] of cells) {
        const shade = Math.max(0, 1 - (top - value) / DEPTH), left = range[0] + column * width, low = plot.y[0] + row * height;
        plot.box([left, left + 1.03 * width], [low, low + 1.03 * height], "", `fill: color-mix(in oklab, var(--one) ${(100 * shade ** 1.5).toFixed(0)}%, var(--page))`);
      }
      const at = (theta, k) => [theta.m[k], Math.log10(theta.s[k])];
      for (const theta of path.filter((_, i) => i < 20 || i % 20 === 0)) plot.dot(...at(theta, narrow), "mark", 3.5);
      if (ends[0]) plot.cross(...at(ends[0].theta, narrow), "truth", 7);
      if (ends[1]) plot.cross(...at(ends[1].theta, narrow_of(ends[1].theta)), "truth", 7);
      plot.show();
    }
  }

  // Numbers that a person pasted: heights in cm, and words that are none.
  function read(text) {
    const decimal_comma = /^\s*(\d+,\d{1,2})([\s;]+\d+(,\d{1,2})?)*\s*$/.test(text);
    const words = (decimal_comma ? text.replaceAll(",", ".") : text.replaceAll(",", " ")).split(/[\s;]+/).filter(Boolean);
    const numbers = words.map(Number), in_metres = em.mean(numbers.filter(Number.isFinite)) < 3;
    const heights = numbers.filter(Number.isFinite).map((one) => (in_metres ? 100 * one : one));
    return { heights, refused: words.filter((_, i) => !Number.isFinite(numbers[i])), in_metres };
  }

  function your_class() {
    const act = new Act("class"), FEWEST = 6, box = find("heights");
    let fits = null, given;
    act.on("example", () => { box.value = data.people.slice(0, 30).map((one) => digits(one, 1)).join(" "); fit(); });
    act.on("fit", () => fit());
    function fit() {
      given = read(box.value);
      const enough = given.heights.length >= FEWEST && em.spread(given.heights) > 0;
      fits = enough ? [em.fit(given.heights), em.fit(given.heights, { shares: PRIOR_PEOPLE, ratio: 0.2 })] : null;
      act.draw();
    }
    act.picture = () => {
      if (!given) return;
      const { heights, refused, in_metres } = given, place = find("fitted");
      const left_out = refused.length ? say(` Left out, not numbers: ${refused.slice(0, 5).join(", ")}${refused.length > 5 ? ", …" : ""}.`, ` 不是数字，已略去：${refused.slice(0, 5).join("、")}。`) : "";
      if (!fits) {
        place.replaceChildren();
        find("fit").replaceChildren();
        return act.tell("class", say(`At least ${FEWEST} heights that differ are needed, got ${heights.length}.`, `至少需要 ${FEWEST} 个不全相同的身高，现有 ${heights.length} 个。`) + left_out);
      }
      const unsure = Math.max(...(fits[1] ?? fits[0])?.se.m ?? [Infinity]) > BOX_CM;
      act.tell("class", say(`${heights.length} heights${in_metres ? ", taken as metres" : ""}. ${unsure ? "The standard errors are too large to know the means within 2 cm." : "Both means are known within 2 cm, give or take a standard error."}`, `${heights.length} 个身高${in_metres ? "（按米计）" : ""}。${unsure ? "标准误太大，无法把均值确定到 2 cm 以内。" : "两个均值的标准误都在 2 cm 以内。"}`) + left_out);
      place.replaceChildren(table());
      const plot = new Picture(find("fit"), { x: extent(heights, 8), y: [0, tallest(heights) + 3], x_name: say("height, cm", "身高（cm）"), y_name: say("people per 2 cm", "每 2 cm 人数"), height: 260, label: say("Your heights and the two curves", "你的身高数据与两条曲线") });
      const shown = fits[1] ?? fits[0];
      stack(plot, heights, () => ["fill: var(--quiet); fill-opacity: .5", ""]);
      if (shown) [0, 1].forEach((k) => marked(plot, shown.m[k], shown.s[k], heights.length * BIN_CM * shown.p[k], k ? "two" : "one"));
      plot.show();
    };
    function table() {
      const table = document.createElement("table"), head = table.createTHead().insertRow(), body = table.createTBody();
      const names = [["fit", "拟合"], ["group", "组"], ["share", "比例"], ["mean, cm", "均值（cm）"], ["SD, cm", "标准差（cm）"], ["log-likelihood", "对数似然"], ["Newton decrement", "牛顿减量"]];
      for (const both of names) head.append(Object.assign(document.createElement("th"), { scope: "col", textContent: say(...both) }));
      [["em", say("likelihood alone", "仅似然")], ["em-map", say("with a weak prior (drawn)", "加弱先验（图中所示）")]].forEach(([name, words], i) => {
        const found = fits[i];
        [0, 1].forEach((k) => {
          const line = body.insertRow();
          line.dataset.fit = `${name}-${k}`;
          if (!found) { line.insertCell().textContent = `${words}: ${say("no maximum", "没有极大值")}`; return; }
          const pair = (key, count) => `${digits(found[key][k], count)} ± ${digits(found.se[key][k], count)}`;
          for (const cell of [words, say(k ? "taller" : "shorter", k ? "较高" : "较矮"), pair("p", 3), pair("m", 2), pair("s", 2), digits(found.value, 3), found.decrement.toExponential(0)]) line.insertCell().textContent = cell;
        });
      });
      return table;
    }
  }

  function speak(language) {
    section.dataset.language = language;
    for (const button of section.querySelectorAll(".language button")) button.setAttribute("aria-pressed", String(button.dataset.language === language));
    redraw();
  }

  const redraw = () => acts.forEach((act) => act.draw());

  async function begin() {
    data = JSON.parse(await Page.unpack("lesson-data"));
    likelihood(); be_em(); more_people(); biased(); wrong_maximum(); your_class();
    for (const button of section.querySelectorAll(".language button")) button.addEventListener("click", () => speak(button.dataset.language));
    speak(navigator.language.startsWith("zh") ? "zh" : "en");
    let width = innerWidth;
    addEventListener("resize", () => { if (innerWidth !== width) { width = innerWidth; redraw(); } });
    section.dataset.ready = "true";
  }

  section.querySelector(".needs-scripts").hidden = false;
  Page.when_near(section, begin);
  return { read, theta: () => theta };
})();
