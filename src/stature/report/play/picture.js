// Pictures of the lesson: axes and marks in SVG, as wide as their place.
class Picture {
  static HEIGHT = 260;
  static width = (host) => Math.max(200, Math.floor(host.getBoundingClientRect().width));

  constructor(host, { x, y, x_name = "", y_name = "", label = "", height = Picture.HEIGHT, log = false }) {
    this.host = host;
    this.width = Picture.width(host);
    this.height = height;
    this.label = label;
    this.left = y_name || y ? 56 : 12;
    this.right = this.width - 12;
    this.top = 12;
    this.bottom = height - 44;
    this.x = x;
    this.y = log ? y.map(Math.log10) : y;
    this.log = log;
    this.parts = [];
    this.axes(x_name, y_name);
  }

  X = (value) => this.left + ((value - this.x[0]) / (this.x[1] - this.x[0])) * (this.right - this.left);
  Y = (value) => {
    const at = this.log ? Math.log10(value) : value;
    return this.bottom - ((at - this.y[0]) / (this.y[1] - this.y[0])) * (this.bottom - this.top);
  };
  // The value at a place of the screen.
  from_x = (client) => {
    const at = client - this.host.getBoundingClientRect().left;
    return this.x[0] + ((at - this.left) / (this.right - this.left)) * (this.x[1] - this.x[0]);
  };

  static ticks([low, high], most = 6) {
    const rough = (high - low) / most, power = 10 ** Math.floor(Math.log10(rough));
    const step = power * [1, 2, 5, 10].find((one) => one * power >= rough);
    const found = [];
    for (let one = Math.ceil(low / step) * step; one <= high + 1e-9 * step; one += step) found.push(Number(one.toPrecision(12)));
    return found;
  }

  axes(x_name, y_name) {
    const many = Math.max(3, Math.floor((this.right - this.left) / 70));
    for (const one of Picture.ticks(this.x, many)) {
      this.add(`<line class="grid" x1="${this.X(one)}" x2="${this.X(one)}" y1="${this.top}" y2="${this.bottom}"/>`);
      this.text(this.X(one), this.bottom + 16, one, "middle");
    }
    for (const one of Picture.ticks(this.y, 5)) {
      const at = this.log ? 10 ** one : one;
      this.add(`<line class="grid" x1="${this.left}" x2="${this.right}" y1="${this.Y(at)}" y2="${this.Y(at)}"/>`);
      this.text(this.left - 6, this.Y(at) + 4, this.log ? `1e${one}` : one, "end");
    }
    if (x_name) this.text((this.left + this.right) / 2, this.height - 8, x_name, "middle");
    if (y_name) this.add(`<text transform="translate(14 ${(this.top + this.bottom) / 2}) rotate(-90)" text-anchor="middle">${y_name}</text>`);
  }

  add(mark) { this.parts.push(mark); }
  text(x, y, words, anchor = "start", kind = "") { this.add(`<text class="${kind}" x="${x}" y="${y}" text-anchor="${anchor}">${words}</text>`); }

  path(points, kind, style = "") {
    const line = points.map(([x, y], i) => `${i ? "L" : "M"}${this.X(x).toFixed(1)} ${this.Y(y).toFixed(1)}`).join("");
    if (points.length) this.add(`<path class="${kind}" style="${style}" d="${line}"/>`);
  }

  curve(f, kind, style = "", points = 160) {
    const [low, high] = this.x;
    const at = Array.from({ length: points + 1 }, (_, i) => low + ((high - low) * i) / points);
    this.path(at.map((x) => [x, f(x)]).filter(([, y]) => Number.isFinite(y)), kind, style);
  }

  dot(x, y, kind, radius = 4, style = "") {
    this.add(`<circle class="${kind}" style="${style}" cx="${this.X(x).toFixed(1)}" cy="${this.Y(y).toFixed(1)}" r="${radius}"/>`);
  }

  cross(x, y, kind, size = 6) {
    const [a, b] = [this.X(x), this.Y(y)];
    this.add(`<path class="${kind}" d="M${a - size} ${b - size}L${a + size} ${b + size}M${a - size} ${b + size}L${a + size} ${b - size}"/>`);
  }

  upright(x, kind) { this.add(`<line class="${kind}" x1="${this.X(x)}" x2="${this.X(x)}" y1="${this.top}" y2="${this.bottom}"/>`); }

  box(x, y, kind, style = "") {
    const [a, b, c, d] = [this.X(x[0]), this.X(x[1]), this.Y(y[1]), this.Y(y[0])];
    this.add(`<rect class="${kind}" style="${style}" x="${a}" width="${Math.max(0, b - a)}" y="${c}" height="${Math.max(0, d - c)}"/>`);
  }

  show() {
    const clip = `clip-${this.host.id || Math.random().toString(36).slice(2)}`;
    const frame = `<clipPath id="${clip}"><rect x="${this.left}" y="${this.top}" width="${this.right - this.left}" height="${this.bottom - this.top}"/></clipPath>`;
    const texts = this.parts.filter((one) => one.startsWith("<text")).join("");
    const marks = this.parts.filter((one) => !one.startsWith("<text")).join("");
    this.host.innerHTML = `<svg role="img" aria-label="${this.label}" width="${this.width}" height="${this.height}" viewBox="0 0 ${this.width} ${this.height}">${frame}<g clip-path="url(#${clip})">${marks}</g>${texts}</svg>`;
  }
}
