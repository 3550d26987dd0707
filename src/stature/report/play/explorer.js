// The explorer: chosen measures as a chart, a table, a link and a file.
const Explorer = (() => {
  const WIDTH_OF_BARS = 1.96;
  const WORDS = { mean_cm: "mean", sd_cm: "SD", share: "share", gap_cm: "gap of the means", "": "whole fits" };
  const ERRORS = ["rmse", "empirical_se", "model_se", "absolute_error", "mse", "passes", "passes_median", "price_of_hidden_labels"];
  const section = document.getElementById("explorer");
  const form = document.getElementById("explorer-controls");
  let data, rows, chart_code, drawn;

  const at = (id) => document.getElementById(`explorer-${id}`);
  const CHOICES = ["measure", "parameter", "group", "scenario", "axis", "size", "scale"];
  const chosen = () => ({
    ...Object.fromEntries(CHOICES.map((name) => [name, form.elements[name].value])),
    estimators: new FormData(form).getAll("estimators"),
  });

  // Rows as objects, from columns.
  function unpacked({ columns, value, mcse, used }) {
    const names = Object.keys(columns);
    return value.map((one, i) => {
      const row = { value: one, mcse: mcse[i], used: used[i] };
      for (const name of names) row[name] = columns[name].names[columns[name].codes[i]];
      return row;
    });
  }

  function options(name, values, words = (one) => one) {
    const select = form.elements[name], before = select.value;
    select.replaceChildren(...values.map((one) => new Option(words(one), one)));
    if (values.map(String).includes(before)) select.value = before;
    select.disabled = values.length < 2;
  }

  // The colour of an estimator on this page, which is another where the page is dark.
  const colour_of = (name) => {
    const [, colour] = data.estimators.find(([known]) => known === name);
    return Page.colour(`--f${colour.slice(1).toLowerCase()}`) || colour;
  };

  const unique = (cells) => [...new Set(cells)];
  const factor = (name) => data.factors.find((one) => one.name === name);

  // Fit each choice to the ones before it.
  function refresh() {
    const of_measure = rows.filter((row) => row.measure === form.elements.measure.value);
    options("parameter", unique(of_measure.map((row) => row.parameter)), (one) => WORDS[one] ?? one);
    const of_parameter = of_measure.filter((row) => row.parameter === form.elements.parameter.value);
    options("scenario", data.scenarios.filter((slug) => of_parameter.some((row) => row.scenario === slug)));
    const here = of_parameter.filter((row) => row.scenario === form.elements.scenario.value);
    options("group", unique(here.map((row) => row.group)), (one) => one || "all");
    options("size", unique(here.map((row) => row.size)).sort((a, b) => a - b));
    const families = data.factors.filter((one) => family(one, form.elements.scenario.value).length > 1);
    options("axis", ["size", ...families.map((one) => one.name)], (one) => (one === "size" ? "number of people" : one));
    form.elements.size.closest("label").hidden = form.elements.axis.value === "size";
  }

  const family = (one, scenario) =>
    (one.varies === "estimator" ? one.families.flat()
      : one.families.find((members) => members.some(([slug]) => slug === scenario)) ?? []);

  // The rows of a choice, each with its place x, and those of the theory beside it.
  function selected(choice) {
    const one = factor(choice.axis);
    const members = new Map(one ? family(one, choice.scenario) : []);
    const is_there = (row) => {
      if (row.parameter !== choice.parameter || row.group !== choice.group) return false;
      if (one?.varies !== "estimator" && !choice.estimators.includes(row.estimator)) return false;
      if (!one) return row.scenario === choice.scenario;
      if (row.size !== Number(choice.size)) return false;
      if (one.varies === "estimator") return row.scenario === choice.scenario && members.has(row.estimator);
      return members.has(row.scenario);
    };
    const x = (row) => (one ? members.get(row[one.varies]) : row.size);
    const placed = (measure) => rows.filter((row) => row.measure === measure && is_there(row))
      .map((row) => ({ ...row, x: x(row), line: one?.varies === "estimator" ? "all" : row.estimator }));
    const theory = data.theory[choice.measure];
    return { found: placed(choice.measure), theory: theory ? placed(theory) : [], theory_name: theory, factor: one };
  }

  const command = (row) =>
    `stature replay ${data.study}/${row.scenario}/${data.last} --estimator ${row.estimator} --size ${row.size}`;

  function specification(choice, { found, theory, theory_name, factor: one }) {
    const log = choice.scale === "log", usable = (row) => !log || row.value > 0;
    const values = found.filter(usable).map((row) => {
      const reach = WIDTH_OF_BARS * (row.mcse ?? 0), low = row.value - reach;
      return {
        ...row, low: log && low <= 0 ? row.value : low, high: row.value + reach,
        "value ± error": row.mcse ? `${row.value} ± ${row.mcse}` : `${row.value}`, replay: command(row),
      };
    });
    const [, unit] = data.measures[choice.measure];
    const units = unit.replace("parameter", choice.parameter.endsWith("_cm") ? data.unit : "").trim();
    const x = one
      ? { field: "x", type: one.is_number ? "quantitative" : "nominal", title: one.name, ...(one.is_number ? {} : { sort: [...new Map(family(one, choice.scenario)).values()] }), axis: { labelAngle: one.is_number ? 0 : -20, grid: true } }
      : { field: "x", type: "quantitative", title: "number of people", scale: { type: "log", nice: false, padding: 16 }, axis: { values: unique(found.map((row) => row.x)), format: "d", labelOverlap: true } };
    const colour = one?.varies === "estimator" ? { value: Page.colour("--link") } : {
      field: "line", type: "nominal", title: null,
      scale: { domain: choice.estimators, range: choice.estimators.map(colour_of) },
      legend: { orient: "top", columns: at("chart").clientWidth < 500 ? 2 : 0, symbolStrokeWidth: 3 },
    };
    const y = { field: "value", type: "quantitative", title: `${choice.measure.replaceAll("_", " ")}${units ? `, ${units}` : ""}`, scale: log ? { type: "log", nice: false, padding: 10 } : { zero: false } };
    const tooltip = ["line", "x", "value ± error", "used", "replay"].map((field) => ({ field, title: field === "used" ? "replicates" : field === "line" ? "estimator" : field === "x" ? x.title : field }));
    const layers = [
      { data: { values }, mark: { type: "rule", strokeWidth: 1.5 }, encoding: { x, y: { ...y, field: "low" }, y2: { field: "high" }, color: colour } },
      ...(one && !one.is_number ? [] : [{ data: { values }, mark: { type: "line", strokeWidth: 1.5 }, encoding: { x, y, color: colour } }]),
      { data: { values }, mark: { type: "point", filled: true, size: 60, opacity: 1 }, encoding: { x, y, color: colour, shape: one?.varies === "estimator" ? { value: "circle" } : { field: "line", type: "nominal", title: null, scale: { domain: choice.estimators }, legend: colour.legend }, tooltip } },
    ];
    const lines = theory.filter(usable);
    if (lines.length) {
      layers.unshift({ data: { values: lines }, mark: { type: one && !one.is_number ? "tick" : "line", strokeDash: theory_name === "bound" ? [6, 4] : [2, 3], strokeWidth: 1.5 }, encoding: { x, y, color: colour, tooltip: [{ field: "line", title: "estimator" }, { field: "value", title: theory_name.replace("_", " ") }] } });
    }
    const nominal = data.nominal[choice.measure];
    if (nominal) layers.unshift({ data: { values: [{ value: nominal }] }, mark: { type: "rule", strokeDash: [1, 3], color: Page.colour("--ink") }, encoding: { y } });
    const ink = Page.colour("--ink"), rule = Page.colour("--rule");
    return {
      $schema: "https://vega.github.io/schema/vega-lite/v6.json",
      description: `${choice.measure} against ${one ? one.name : "the number of people"}, ${choice.scenario}`,
      width: "container", height: 340, background: null, autosize: { type: "fit", contains: "padding" },
      layer: layers,
      config: {
        font: "system-ui, sans-serif", view: { stroke: rule },
        axis: { labelColor: ink, titleColor: ink, gridColor: rule, domainColor: rule, tickColor: rule, labelFontSize: 12, titleFontSize: 13, titleFontWeight: 500 },
        legend: { labelColor: ink, labelFontSize: 12, labelLimit: 220 },
      },
    };
  }

  // Load the library of charts, once.
  function charts() {
    chart_code ??= Page.unpack("explorer-charts").then((text) => {
      const element = document.createElement("script");
      element.textContent = text;
      document.head.append(element);
    });
    return chart_code;
  }

  async function draw() {
    const choice = chosen(), picked = selected(choice);
    drawn = { choice, ...picked };
    at("definition").textContent = `${choice.measure}: ${data.measures[choice.measure][0]}.`;
    at("status").textContent = said(choice, picked);
    tabulate(picked.found);
    if (!picked.found.some((row) => choice.scale !== "log" || row.value > 0)) {
      at("chart").replaceChildren();
      return counted();
    }
    await charts();
    const options = { renderer: "svg", tooltip: { theme: Page.is_dark() ? "dark" : "light" }, actions: { export: true, source: false, compiled: false, editor: false } };
    await vegaEmbed(at("chart"), specification(choice, picked), options);
    at("chart").querySelector("summary")?.setAttribute("aria-label", "Save the chart");
    counted();
  }

  const counted = () => { section.dataset.drawn = String(Number(section.dataset.drawn ?? 0) + 1); };

  function said(choice, { found, theory, theory_name }) {
    const below = choice.scale === "log" ? found.filter((row) => row.value <= 0).length : 0;
    const words = [`${found.length} ${found.length === 1 ? "number" : "numbers"}.`];
    if (below) words.push(`${below} at zero or below cannot stand on a log axis: choose linear.`);
    if (theory.length) words.push(theory_name === "bound" ? "Dashed: the bound, the smallest standard error of an unbiased estimator." : "Dotted: where each estimator goes as the sample grows, less the truth.");
    return words.join(" ");
  }

  const COLUMNS = ["scenario", "estimator", "size", "group", "parameter", "measure", "value", "mcse", "used"];

  function tabulate(found) {
    const table = document.createElement("table");
    const head = table.createTHead().insertRow();
    for (const name of COLUMNS) {
      const cell = document.createElement("th");
      cell.scope = "col";
      cell.textContent = name === "used" ? "replicates" : name;
      head.append(cell);
    }
    const body = table.createTBody();
    for (const row of found) {
      const line = body.insertRow();
      for (const name of COLUMNS) line.insertCell().textContent = row[name] ?? "";
    }
    at("numbers").querySelector("div").replaceChildren(table);
  }

  const csv = () => [COLUMNS, ...drawn.found.map((row) => COLUMNS.map((name) => row[name] ?? ""))]
    .map((line) => line.map((cell) => (/[",\n]/.test(cell) ? `"${String(cell).replaceAll('"', '""')}"` : cell)).join(",")).join("\n") + "\n";

  const link = () => {
    const { estimators, ...others } = chosen();
    return `#explorer?${new URLSearchParams({ ...others, estimators: estimators.join(" ") })}`;
  };

  // Choose what an address says; what is not there stays as it was.
  function obey(address) {
    const asked = new URLSearchParams(address.split("?")[1]);
    for (const name of ["measure", "parameter", "scenario", "group", "axis", "size"]) {
      const select = form.elements[name];
      if ([...select.options].some((one) => one.value === asked.get(name))) select.value = asked.get(name);
      refresh();
    }
    const names = asked.get("estimators")?.split(" ");
    if (names) for (const box of form.querySelectorAll("[name=estimators]")) box.checked = names.includes(box.value);
    if (asked.has("scale")) form.elements.scale.value = asked.get("scale");
  }

  async function begin() {
    data = JSON.parse(await Page.unpack("explorer-data"));
    rows = unpacked(data);
    at("estimators").replaceChildren(...data.estimators.map(([name], i) => {
      const label = document.createElement("label"), box = Object.assign(document.createElement("input"), { type: "checkbox", name: "estimators", value: name, checked: i < 8 });
      const swatch = document.createElement("span");
      swatch.className = "swatch";
      swatch.style.background = colour_of(name);
      label.append(box, swatch, ` ${name}`);
      return label;
    }));
    options("measure", Object.keys(data.measures).filter((name) => rows.some((row) => row.measure === name)), (one) => one.replaceAll("_", " "));
    form.elements.measure.value = "rmse";
    refresh();
    form.elements.parameter.value = "mean_cm";
    refresh();
    form.elements.scale.value = "log";
    const asked = location.hash.startsWith("#explorer?");
    if (asked) obey(location.hash);
    form.addEventListener("change", (event) => {
      if (event.target.name === "measure") form.elements.scale.value = ERRORS.includes(form.elements.measure.value) ? "log" : "linear";
      refresh();
      history.replaceState(null, "", link());
      draw();
    });
    form.addEventListener("submit", (event) => event.preventDefault());
    at("csv").addEventListener("click", () => Page.download(`${data.study}-${drawn.choice.measure}.csv`, csv()));
    at("link").addEventListener("click", async () => {
      history.replaceState(null, "", link());
      const copied = await navigator.clipboard?.writeText(location.href).then(() => true, () => false);
      at("status").textContent = copied ? "The link is copied." : "The address of the page is the link.";
    });
    addEventListener("hashchange", () => { if (location.hash.startsWith("#explorer?")) { obey(location.hash); draw(); } });
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
      for (const label of at("estimators").children) label.querySelector(".swatch").style.background = colour_of(label.textContent.trim());
      draw();
    });
    await draw();
    if (asked) section.scrollIntoView();
  }

  section.querySelector(".needs-scripts").hidden = false;
  if (location.hash.startsWith("#explorer?")) begin();
  else Page.when_near(section, begin);
  return { rows: () => rows, selected: () => drawn, csv, link };
})();
