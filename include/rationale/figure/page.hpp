// What the page of a report looks like, and the script that draws its figures.
#ifndef RATIONALE_FIGURE_PAGE_HPP
#define RATIONALE_FIGURE_PAGE_HPP

namespace rationale::detail {

/// Colours are variables, which figures share: light, dark where the reader's system is, and light on paper. Folded tables are open on
/// paper.
inline constexpr const char* page_style = R"(
:root{color-scheme:light dark;--ink:#222;--soft:#444;--grey:#888;--line:#ccc;--paper:#fff;--code:#f2f2f2;--link:#0b57a4;--warn:#8a3b00}
@media (prefers-color-scheme:dark){:root{--ink:#e4e4e4;--soft:#b8b8b8;--grey:#8a8a8a;--line:#4a4d52;--paper:#17191c;--code:#26292d;--link:#8ab8f0;--warn:#f0b070}}
*{box-sizing:border-box}
body{font:16px/1.45 system-ui,sans-serif;max-width:1260px;margin:0 auto;padding:.8rem 1rem;color:var(--ink);background:var(--paper)}
a{color:var(--link)}:focus-visible{outline:3px solid var(--link);outline-offset:2px}
.skip{position:absolute;left:-999px}.skip:focus{left:1rem;top:.5rem;background:var(--paper);padding:.3rem .6rem}
header{display:flex;flex-wrap:wrap;align-items:baseline;gap:.1rem 1.5rem}
h1{font-size:1.3rem;line-height:1.2;margin:0}
h2{font-size:1.2rem;margin:1.4rem 0 .3rem;border-top:2px solid var(--ink);padding-top:.5rem}header+main>:first-child>h2{margin-top:.4rem}
h3{font-size:1.05rem;margin:0 0 .2rem}
.anchor{font-weight:400;text-decoration:none;margin-left:.4rem;opacity:.45}.anchor:hover,.anchor:focus{opacity:1}
p,li,figcaption{max-width:52rem}nav ul{list-style:none;margin:0;padding:0;display:flex;flex-wrap:wrap;gap:.1rem 1.1rem;font-size:.9rem}
dl{margin:.4rem 0 1rem;max-width:52rem}dt{font-weight:600;margin-top:.5rem}dd{margin:0}
figure{margin:1.6rem 0 2rem}figcaption{color:var(--soft);font-size:.92rem}
.links{font-size:.88rem;margin:.2rem 0 .5rem}.links a,.links button{margin-right:.9rem}
button{font:inherit;color:var(--link);background:none;border:0;padding:0;text-decoration:underline;cursor:pointer}
.drawing{max-width:100%;aspect-ratio:var(--kept)}.drawing svg{display:block;max-width:100%;height:auto}
.missing{margin:0;padding:.6rem .8rem;border:1px dashed var(--grey);color:var(--soft);font-size:.92rem}
.script .drawing>.missing{visibility:hidden}.script .drawing>.missing.said{visibility:visible}
.card .said,.card .against{margin:.1rem 0;max-width:none}.card .said{font-size:1.05rem}.against{color:var(--warn)}
.halves{display:grid;grid-template-columns:minmax(0,31rem) minmax(0,1fr);gap:.2rem 1.5rem;align-items:start}
.card figure{margin:.3rem 0}.card figcaption{font-size:.82rem;line-height:1.3}.card h3{font-size:.95rem;margin:0}.card .links{font-size:.78rem;margin:0 0 .1rem}
.card .what{margin:.3rem 0 0;font-size:.82rem;color:var(--soft)}
.numbers{display:flex;flex-wrap:wrap;gap:.2rem 1.6rem;margin:.1rem 0 .5rem;max-width:none}.numbers dt{margin:0;font-size:.82rem;font-weight:400;color:var(--soft)}
.numbers dd{font-size:1.25rem;line-height:1.2;font-variant-numeric:tabular-nums}.numbers small{display:block;font-size:.78rem;color:var(--soft)}
@media (max-width:1000px){.halves{grid-template-columns:minmax(0,1fr)}}
.controls label{display:inline-flex;align-items:center;gap:.4rem;margin-right:1.4rem}.controls .vega-bind{display:inline-block}
.controls{min-height:2rem}.controls input[type=range]{width:16rem;max-width:60vw}
details{margin:.5rem 0}summary{cursor:pointer;font-weight:600;max-width:52rem}details caption{display:none}
.wide{overflow-x:auto;margin:.6rem 0}
#made,h1,h2,nav{overflow-wrap:anywhere}table{border-collapse:collapse;font-size:.88rem}caption{max-width:48rem;text-align:left;font-weight:600;padding-bottom:.3rem}
th,td{padding:.2rem .7rem;border-bottom:1px solid var(--line);text-align:right;font-variant-numeric:tabular-nums}
thead th{vertical-align:bottom;border-bottom:1px solid var(--ink)}th:first-child{text-align:left;font-weight:400}tbody th{min-width:9rem}thead th:first-child{font-weight:600}td{white-space:nowrap}
code{background:var(--code);padding:.1rem .25rem;overflow-wrap:anywhere}td code{overflow-wrap:normal}
#vg-tooltip-element{font-family:system-ui,sans-serif;font-size:13px;box-shadow:0 1px 6px #0004;border:1px solid var(--line);background:var(--paper);color:var(--ink);padding:6px 8px}
#vg-tooltip-element table{font-size:13px}#vg-tooltip-element td{border:0;padding:1px 4px;text-align:left}#vg-tooltip-element td.key{color:var(--soft)}
@media print{:root{--ink:#222;--soft:#444;--grey:#888;--line:#ccc;--paper:#fff;--code:#f2f2f2;--link:#222;--warn:#222}
body{max-width:none;padding:0;font-size:10pt}h2,h3,caption,summary{break-after:avoid}figure,tr,.numbers{break-inside:avoid}.details{break-before:page}
nav,.links,.controls,.skip,.anchor{display:none}details::details-content{content-visibility:visible;display:block}summary{list-style:none}
.wide{overflow:visible}table{font-size:7pt}th,td{padding:.1rem .25rem;white-space:normal}thead th{font-size:6pt;overflow-wrap:anywhere}tbody th{min-width:0;overflow-wrap:anywhere}a{text-decoration:none}
.drawing{width:auto!important}.halves{grid-template-columns:minmax(0,1fr)}}
)";

/// Draws one figure after another so that the page stays alive; Vega interprets its expressions, as places may refuse `eval`. Rows travel
/// as arrays under common columns. A figure that is not drawn says why in its place.
inline constexpr const char* page_script = R"(
const views = new Map(), dark = matchMedia('(prefers-color-scheme:dark)').matches;
document.documentElement.classList.add('script');
// Greys follow the page, but not those between which a scale of numbers interpolates.
const greys = { '#222222': 'ink', '#444444': 'soft', '#999999': 'grey', '#777777': 'grey', '#BBBBBB': 'line', '#DDDDDD': 'line', '#CCCCCC': 'line' };
const light = { ink: '#222222', soft: '#444444', grey: '#888888', line: '#CCCCCC' };
const brighter = scale => scale?.scheme && dark ? { ...scale, scheme: { name: scale.scheme.name ?? scale.scheme, extent: [0.25, 1] } } : scale;
const recoloured = part => {
  if (typeof part === 'string') return greys[part] ? `var(--${greys[part]})` : part;
  if (Array.isArray(part)) return part.map(recoloured);
  if (!part || typeof part !== 'object') return part;
  return Object.fromEntries(Object.entries(part).map(([name, inner]) =>
    [name, name !== 'scale' ? recoloured(inner) : part.type === 'quantitative' ? brighter(inner) : recoloured(brighter(inner))]));
};
const text = { labelColor: 'var(--ink)', titleColor: 'var(--ink)' };
const config = { aria: false, background: null, style: { 'guide-label': { fill: 'var(--ink)' }, 'guide-title': { fill: 'var(--ink)' } },
  axis: { ...text, domainColor: 'var(--grey)', tickColor: 'var(--grey)', gridColor: 'var(--line)' }, legend: text, header: text,
  title: { color: 'var(--ink)' }, text: { color: 'var(--ink)' } };
const explain = (place, why) => {
  const words = place.querySelector('.missing');
  words.firstChild.textContent = why + ' ';
  words.classList.add('said');
};
(async () => {
  for (const script of document.querySelectorAll('script[data-figure]')) {
    const place = document.getElementById(script.dataset.figure), controls = document.getElementById(place.id + '-controls');
    if (!window.vegaEmbed) {
      explain(place, !document.querySelector('script[src]') ? 'Not drawn: the programs that were put into this page with --vega are not Vega-Lite.'
        : !navigator.onLine ? 'Not drawn: Vega-Lite, which draws it, comes from cdn.jsdelivr.net, and there is no network.'
        : 'Not drawn: Vega-Lite, which draws it, comes from cdn.jsdelivr.net, which cannot be reached or whose scripts are refused here.');
      continue;
    }
    const { spec, columns, rows } = JSON.parse(script.textContent);
    const values = rows.map(row => Object.fromEntries(row.map((value, i) => [columns[i], value])));
    const drawing = document.createElement('div');
    try {
      const drawn = await vegaEmbed(place.appendChild(drawing), { ...recoloured(spec), data: { values } }, {
        renderer: 'svg', actions: false, ast: true, config, ...(controls ? { bind: controls } : {}) });
      views.set(place.id, drawn.view);
      // Marks that say nothing let the mouse through to what is below them.
      for (const marks of place.querySelectorAll('.role-mark'))
        if (!marks.firstElementChild?.__data__?.tooltip) marks.style.pointerEvents = 'none';
      place.querySelector('.missing').remove();
      place.setAttribute('role', 'img');
      place.style.aspectRatio = 'auto', place.style.width = 'auto';
    } catch (error) {
      drawing.remove();
      explain(place, `Not drawn: Vega-Lite says "${error.message ?? error}".`);
      console.error(place.id, error);
    }
    await new Promise(next => setTimeout(next));
  }
  document.documentElement.dataset.drawn = views.size;
})();
const unfold = () => { for (let at = document.getElementById(location.hash.slice(1)); at; at = at.parentElement) if (at.tagName === 'DETAILS') at.open = true; };
addEventListener('hashchange', unfold), unfold();
addEventListener('click', async event => {
  const place = event.target.dataset?.save;
  if (!place || !views.has(place)) return;
  const svg = (await views.get(place).toSVG()).replace(/var\(--(\w+)\)/g, (whole, name) => light[name] ?? whole);
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([svg], { type: 'image/svg+xml' }));
  link.download = document.getElementById(place).dataset.name + '.svg';
  link.click();
});
)";

}  // namespace rationale::detail

#endif
