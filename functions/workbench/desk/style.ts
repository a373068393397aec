/** What the desk's pages need beyond the stylesheet of the console. */

/** The additions: four columns side by side where there is room, and the picture of days. */
export const deskStyle = `
main,footer{max-width:84rem}.folders a{display:inline-block;margin:0 .75rem .35rem 0}
.law .heads,.clause{display:grid;grid-template-columns:1fr 1.5fr 2fr 1.3fr;gap:.25rem 1.25rem}
.law .heads{position:sticky;top:0;background:var(--paper);border-bottom:2px solid var(--line);font-weight:600;color:var(--soft);padding:.35rem 0}
.clause{border-bottom:1px solid var(--line);padding:.6rem 0}.clause h3{grid-column:1/-1;margin:0}.clause>div{min-width:0}.clause p,.clause ul{margin:.1rem 0 .35rem}.clause ul{padding-left:1.1rem}
.col{display:none;font-weight:600;color:var(--soft)}.clause:target{background:var(--panel)}
.in1{margin-left:1.1rem!important}.in2{margin-left:2.2rem!important}.in3{margin-left:3.3rem!important}.in4,.in5,.in6{margin-left:4.4rem!important}
.strip{width:100%;height:auto;display:block}.strip text{font-size:14px;fill:currentColor}.strip rect{fill:var(--panel);stroke:var(--soft)}.strip .in-force{fill:none;stroke:var(--good);stroke-width:3}.strip .draft,.strip .to-come{stroke-dasharray:6 4}.strip .repealed{stroke:var(--bad)}
.strip .year{stroke:var(--line)}.strip .today{stroke:var(--bad);stroke-width:2}
.wide{grid-column:1/-1}.checks{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,17rem),1fr));gap:.25rem 1rem}.check{font-weight:400;display:flex;align-items:center}.check input{flex:none}
.why{border-left:.25rem solid var(--line);padding-left:.75rem}.why li{margin:.15rem 0}.why li details{margin:0}.why summary small{color:var(--soft)}.says{color:var(--ink)}
.folder table{table-layout:fixed}.folder caption{position:absolute;clip-path:inset(50%)}.folder th:first-child{width:50%}
form>fieldset>legend{font-size:1.2rem;margin-bottom:.25rem}
pre{white-space:pre-wrap;overflow-wrap:anywhere;font:.9em/1.45 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}
textarea{font:.9rem/1.45 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;white-space:pre;overflow:auto;tab-size:2}
ins{text-decoration:underline;color:var(--good);background:none}del{color:var(--bad)}mark{background:var(--focus);color:#14181d}
.change{border-top:1px solid var(--line)}h2 .mark,.fields .mark{white-space:normal}
.two{display:grid;grid-template-columns:1fr 1fr;gap:0 1.5rem}.two>div{min-width:0}.findings{list-style:none;padding:0;max-width:none}.findings pre{margin:.25rem 0 .75rem;overflow:auto}
@media (max-width:60rem){.two{grid-template-columns:1fr}.folder table{table-layout:auto}.law .heads{display:none}.clause{grid-template-columns:1fr}.col{display:block;font-size:.9rem}.in1{margin-left:.7rem!important}.in2{margin-left:1.4rem!important}.in3,.in4,.in5,.in6{margin-left:2.1rem!important}.strip text{font-size:17px}.strip{min-width:44rem}}
/* The name of a fact breaks only where it does not fit. */td code{overflow-wrap:break-word}
/* A field prints only what is seen of it: its text is printed below. */.printed{display:none}
/* On paper, too, the law stands beside its sentence, condition and cases. */
@media print{@page{@bottom-right{content:counter(page) " / " counter(pages);font:9pt sans-serif}}.law .heads{display:grid;position:static}.law .heads,.clause{grid-template-columns:1fr 1.5fr 1.7fr 1.6fr;font-size:8.5pt}.clause h3{break-after:avoid}.col{display:none}.edit textarea{display:none}.printed{display:block}}
`
