// What the page of a report looks like, and the script that draws its figures.
#ifndef RATIONALE_FIGURE_PAGE_HPP
#define RATIONALE_FIGURE_PAGE_HPP

namespace rationale::detail {

inline constexpr const char* page_style = R"(
:root{color-scheme:light}*{box-sizing:border-box}
body{font:16px/1.5 system-ui,sans-serif;max-width:1140px;margin:0 auto;padding:1.5rem 1rem;color:#222;background:#fff}
a{color:#0b57a4}a:focus-visible,button:focus-visible,.wide:focus-visible,select:focus-visible,input:focus-visible{outline:3px solid #0b57a4;outline-offset:2px}
.skip{position:absolute;left:-999px}.skip:focus{left:1rem;top:.5rem;background:#fff;padding:.3rem .6rem}
h1{font-size:1.7rem;line-height:1.2;margin:0 0 .6rem}
h2{font-size:1.35rem;margin:2.6rem 0 .6rem;border-top:2px solid #222;padding-top:.8rem}
h3{font-size:1.1rem;margin:0 0 .2rem}
p,li,figcaption{max-width:48rem}nav ul{list-style:none;padding:0;display:flex;flex-wrap:wrap;gap:.2rem 1.2rem}
dl{margin:.4rem 0 1rem;max-width:48rem}dt{font-weight:600;margin-top:.5rem}dd{margin:0}
figure{margin:1.6rem 0 2rem}figcaption{color:#444;font-size:.92rem}
.links{font-size:.88rem;margin:.2rem 0 .5rem}.links a,.links button{margin-right:.9rem}
button{font:inherit;color:#0b57a4;background:none;border:0;padding:0;text-decoration:underline;cursor:pointer}
.drawing{max-width:100%;aspect-ratio:var(--kept)}.drawing svg{display:block;max-width:100%;height:auto}
.controls label{display:inline-flex;align-items:center;gap:.4rem;margin-right:1.4rem}.controls .vega-bind{display:inline-block}
.controls{min-height:2rem}.controls input[type=range]{width:16rem;max-width:60vw}
.wide{overflow-x:auto;margin:1rem 0}
table{border-collapse:collapse;font-size:.88rem}caption{max-width:48rem;text-align:left;font-weight:600;padding-bottom:.3rem}
th,td{padding:.2rem .7rem;border-bottom:1px solid #ddd;text-align:right;font-variant-numeric:tabular-nums}
thead th{vertical-align:bottom;border-bottom:1px solid #222}th:first-child{text-align:left;font-weight:400}tbody th{min-width:9rem}thead th:first-child{font-weight:600}td{white-space:nowrap}
code{background:#f2f2f2;padding:.1rem .25rem;overflow-wrap:anywhere}td code{overflow-wrap:normal}
#vg-tooltip-element{font-family:system-ui,sans-serif;font-size:13px;box-shadow:0 1px 6px #0004;border:1px solid #bbb;background:#fff;padding:6px 8px}
#vg-tooltip-element table{font-size:13px}#vg-tooltip-element td{border:0;padding:1px 4px;text-align:left}
@media print{body{max-width:none;padding:0;font-size:10pt}h2{break-before:page}h2,h3,caption{break-after:avoid}figure,tr{break-inside:avoid}
nav,.links,.controls,.skip{display:none}.wide{overflow:visible}table{font-size:7.5pt}th,td{padding:.1rem .3rem;overflow-wrap:anywhere;white-space:normal}tbody th{min-width:0}a{color:inherit;text-decoration:none}}
)";

/// Draws one figure after another so that the page stays alive. Rows travel as arrays under common columns.
inline constexpr const char* page_script = R"(
const views = new Map();
document.documentElement.classList.add('script');
(async () => {
  for (const script of document.querySelectorAll('script[data-figure]')) {
    const place = document.getElementById(script.dataset.figure), { spec, columns, rows } = JSON.parse(script.textContent);
    const values = rows.map(row => Object.fromEntries(row.map((value, i) => [columns[i], value])));
    const controls = document.getElementById(place.id + '-controls');
    try {
      const drawn = await vegaEmbed(place.appendChild(document.createElement('div')), { ...spec, data: { values } }, {
        renderer: 'svg', actions: false, config: { aria: false }, ...(controls ? { bind: controls } : {}) });
      views.set(place.id, drawn.view);
      // Marks that say nothing let the mouse through to what is below them.
      for (const marks of place.querySelectorAll('.role-mark'))
        if (!marks.firstElementChild?.__data__?.tooltip) marks.style.pointerEvents = 'none';
      place.style.aspectRatio = 'auto', place.style.width = 'auto';
    } catch (error) { console.error(place.id, error); }
    await new Promise(next => setTimeout(next));
  }
  document.documentElement.dataset.drawn = views.size;
})();
addEventListener('click', async event => {
  const place = event.target.dataset?.save;
  if (!place || !views.has(place)) return;
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([await views.get(place).toSVG()], { type: 'image/svg+xml' }));
  link.download = document.getElementById(place).dataset.name + '.svg';
  link.click();
});
)";

}  // namespace rationale::detail

#endif
