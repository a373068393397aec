/** The one stylesheet: light and dark, a phone and a desk, a screen and paper. */

/** The stylesheet. Each colour on its ground has a contrast of 4.5 : 1 at least (WCAG 2.2, 1.4.3). */
export const style = `
:root{color-scheme:light dark;--ink:#14181d;--soft:#4a545f;--paper:#fff;--panel:#f2f4f6;--line:#c3cad1;--link:#0b4f9c;--bar:#16324f;--bar-ink:#fff;--good:#0b6b3a;--part:#7a4b00;--bad:#a8200d;--open:#4b3a99;--focus:#ffd43b}
@media (prefers-color-scheme:dark){:root{--ink:#e8ebee;--soft:#adb7c1;--paper:#12161a;--panel:#1d2329;--line:#46515c;--link:#8ec2ff;--bar:#0b1c2d;--good:#6fd49b;--part:#f0b65b;--bad:#ff9c8c;--open:#bdb0ff}}
*{box-sizing:border-box}[hidden]{display:none!important}
html{font:100%/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;-webkit-text-size-adjust:100%}
body{margin:0;color:var(--ink);background:var(--paper);overflow-wrap:break-word}
a{color:var(--link);text-underline-offset:.15em}a:hover{text-decoration-thickness:.15em}
:focus-visible{outline:3px solid var(--focus);outline-offset:0;box-shadow:0 0 0 5px #14181d;border-radius:1px}
main:focus{outline:0;box-shadow:none}
.skip{position:absolute;left:.5rem;top:-10rem;padding:.75rem 1rem;background:var(--focus);color:#14181d;z-index:1}.skip:focus{top:.5rem}
header{background:var(--bar);color:var(--bar-ink);padding:.5rem 1rem 0;display:flex;flex-wrap:wrap;gap:.25rem 1rem;align-items:baseline}
header a{color:inherit}.brand{font-weight:700;font-size:1.25rem;text-decoration:none}.site{overflow-wrap:anywhere}
.who{margin-left:auto;display:flex;flex-wrap:wrap;gap:.25rem 1rem;align-items:baseline}.who form{display:inline}
.who button{font:inherit;min-height:1.75rem;color:inherit;background:none;border:0;padding:.1rem 0;text-decoration:underline;cursor:pointer}
nav{flex-basis:100%}nav ul{display:flex;flex-wrap:wrap;list-style:none;margin:.25rem 0 0;padding:0;gap:0 1.25rem}
nav a{display:block;padding:.45rem 0;text-decoration:none;border-bottom:.25rem solid transparent}nav a:hover{text-decoration:underline}
nav a[aria-current]{border-bottom-color:currentColor;font-weight:600}
main,footer{max-width:70rem;margin:0 auto;padding:1rem}
footer{border-top:1px solid var(--line);color:var(--soft);font-size:.9rem;margin-top:2rem}
h1,h2,h3{line-height:1.25;margin:1.75rem 0 .5rem;overflow-wrap:anywhere}h1{font-size:1.75rem;margin-top:1rem}h2{font-size:1.25rem}h3{font-size:1.05rem}
p,ul,ol{margin:.5rem 0 1rem;max-width:46rem}li{margin:.2rem 0}.soft{color:var(--soft)}small{font-size:.875rem}
time{white-space:nowrap}
pre{white-space:pre-wrap;overflow-wrap:anywhere;font:.9em/1.45 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}
code{font:.9em ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;overflow-wrap:anywhere}
dl{margin:.5rem 0 1rem}dl>div{display:grid;grid-template-columns:minmax(9rem,14rem) 1fr;gap:.1rem 1rem;padding:.4rem 0;border-bottom:1px solid var(--line)}
dt{color:var(--soft)}dd{margin:0;overflow-wrap:anywhere;min-width:0}
.scroll{position:relative;overflow-x:auto;margin:.5rem 0 1.25rem}
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}
caption{text-align:left;font-weight:600;padding:.25rem 0}
th,td{text-align:left;vertical-align:top;padding:.4rem .9rem .4rem 0;border-bottom:1px solid var(--line)}thead th{color:var(--soft);font-weight:600;white-space:nowrap}
.panel,.faults{background:var(--panel);border-left:.3rem solid var(--line);padding:.75rem 1rem;margin:1rem 0}.panel>:first-child,.faults>:first-child{margin-top:0}.panel>:last-child,.faults>:last-child,.fields>p{margin-bottom:0}
.faults{border:.25rem solid var(--bad)}.faults a{color:var(--bad);font-weight:600}
.cards{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,15rem),1fr));gap:1rem;list-style:none;padding:0;max-width:none}
.cards>li{background:var(--panel);padding:.75rem 1rem;margin:0;min-width:0}.cards strong{font-size:1.5rem;display:block}
.mark{font-weight:600;white-space:nowrap}.good{color:var(--good)}.part{color:var(--part)}.bad{color:var(--bad)}.open{color:var(--open)}
.tree,.tree ul{list-style:none;padding-left:0;max-width:none}.tree ul{border-left:2px solid var(--line);padding-left:1rem;margin:.25rem 0}
.in1{margin-left:1.1rem}.in2{margin-left:2.2rem}.in3{margin-left:3.3rem}.in4,.in5,.in6{margin-left:4.4rem}
.why{border-left:.25rem solid var(--line);padding-left:.75rem}.why summary{overflow-wrap:anywhere}.why li details{margin:0}.why summary small{color:var(--soft)}.says{color:var(--ink)}
fieldset{border:0;padding:0;margin:0 0 1rem}legend{font-weight:600;padding:0}
.fields{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,14rem),1fr));gap:.75rem 1rem;align-items:end;margin-bottom:1rem}
label{display:block;font-weight:600;margin-bottom:.15rem}.short{white-space:nowrap}.hint{display:block;font-weight:400;color:var(--soft);font-size:.9rem}
input,select,textarea{font:inherit;color:inherit;background:var(--paper);border:2px solid var(--soft);padding:.4rem .5rem;width:100%;min-height:2.6rem}
input[type=checkbox],input[type=radio]{width:1.5rem;min-height:1.5rem;height:1.5rem;vertical-align:middle;margin:0 .5rem 0 0}
[aria-invalid=true]{border-color:var(--bad)}
.button,main button{display:inline-block;margin:.15rem 0;font:inherit;font-weight:600;color:var(--bar-ink);background:#0b6b3a;border:0;padding:.6rem 1rem;min-height:2.6rem;text-decoration:none;cursor:pointer}
.button,main button{max-width:100%;overflow-wrap:anywhere}.button.second,main button.second{background:#41505e}.button:hover,main button:hover{text-decoration:underline}
details{margin:.5rem 0 1rem}summary{cursor:pointer;color:var(--link);padding:.25rem 0}
.verdict{font-size:1.1rem;font-weight:600;border-left:.4rem solid;padding:.1rem .6rem;max-width:none}.verified p{overflow-wrap:anywhere;max-width:none}.verified .line{margin:.1rem 0 .3rem 1rem}.verified .head{font-weight:600}.verified>p:first-child{margin-top:0}#result:focus{outline:0;box-shadow:none}
.picture{max-width:100%;max-height:24rem;min-width:6rem;height:auto}
.sr{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
@media (max-width:40rem){main,footer{padding:.75rem}.mark,time{white-space:normal}header{padding:.5rem .75rem 0}h1{font-size:1.4rem}.who{margin-left:0}
table,caption,tbody,tr,td{display:block}thead{position:absolute;clip-path:inset(50%);width:1px;height:1px;overflow:hidden}tr{border-bottom:2px solid var(--line);padding:.4rem 0}td{display:grid;grid-template-columns:7rem 1fr;gap:0 .5rem;border:0;padding:.15rem 0;min-width:0}td>*{min-width:0}td::before{content:attr(data-head);color:var(--soft)}
.in1{margin-left:.7rem}.in2{margin-left:1.4rem}.in3,.in4,.in5,.in6{margin-left:2.1rem}dl>div{grid-template-columns:1fr}}
@media print{:root{--ink:#000;--soft:#333;--paper:#fff;--panel:#fff;--line:#888;--link:#000;--good:#000;--part:#000;--bad:#000;--open:#000}@page{margin:16mm}html{font-size:10pt}
nav,.skip,.who form,form.ask,form[data-script],main button,.button,.noprint{display:none}header{background:none;color:#000;padding:0;border-bottom:1px solid #000}main,footer{max-width:none;padding:0}
.scroll{overflow:visible}h2,h3{break-after:avoid}tr,li,dl>div,.panel{break-inside:avoid}details::details-content{content-visibility:visible;height:auto}p{orphans:3;widows:3}}
@media (forced-colors:active){.mark,.button,main button{forced-color-adjust:auto}}
`.trimStart()
