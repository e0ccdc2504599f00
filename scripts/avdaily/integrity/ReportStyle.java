package avdaily.integrity;

/** How the HTML report looks, on a screen and in print. */
final class ReportStyle {
    static final String CSS =
            """
            :root { color-scheme: light dark; --ink: #1b2430; --soft: #5a6675; --paper: #fff; --card: #f4f6f8;
              --line: #d8dee5;
              --critical: #b3261e; --warning: #9a5b00; --info: #1f5fa8; --pass: #1d7044; --error: #7b1fa2;
                --skipped: #5a6675; --part0: #2f6fb0; --part1: #9cc3e6; }
            @media (prefers-color-scheme: dark) { :root { --ink: #e7ecf2; --soft: #a3b0bf; --paper: #12171d;
              --card: #1c232c; --line: #35404c;
              --critical: #ff8a80; --warning: #ffb74d; --info: #82b8f5; --pass: #6fcf97; --error: #d5a0ea;
                --skipped: #a3b0bf; --part0: #6aa9e6; --part1: #2e557c; } }
            * { box-sizing: border-box; }
            body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.5 system-ui, -apple-system,
                "Segoe UI", Roboto, sans-serif; overflow-wrap: break-word; }
            main { max-width: 62rem; margin: 0 auto; padding: 1.5rem 1rem 3rem; }
            h1 { font-size: 1.7rem; line-height: 1.2; margin: 0; display: flex; flex-wrap: wrap; gap: .6rem;
              align-items: center; overflow-wrap: anywhere; }
            h2 { font-size: 1.15rem; margin: 2.2rem 0 .6rem; }
            h3 { font-size: 1rem; margin: 0 0 .3rem; overflow-wrap: anywhere; }
            p { margin: .35rem 0; }
            small, .kicker, .legend, .more, footer { color: var(--soft); font-weight: normal; font-size: .875rem; }
            .kicker { text-transform: uppercase; letter-spacing: .08em; font-size: .75rem; }
            .badge { display: inline-block; border: 1px solid currentColor; border-radius: 1rem; padding: 0 .6rem;
              font-size: .78rem; font-weight: 600; line-height: 1.5rem; white-space: nowrap; }
            .critical { color: var(--critical); } .warning { color: var(--warning); } .info { color: var(--info); }
            .pass, .enforced { color: var(--pass); } .error { color: var(--error); }
            .skipped { color: var(--skipped); }
            .cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(7.2rem,
                1fr)); gap: .6rem; margin-top: 1.2rem; }
            .card { background: var(--card); border-radius: .6rem; padding: .7rem .9rem; }
            .card b { display: block; font-size: 1.6rem; line-height: 1.2; font-variant-numeric: tabular-nums; }
            .card span { color: var(--soft); font-size: .875rem; }
            .card.none { color: var(--soft); }
            table { border-collapse: collapse; width: 100%; }
            .grid { table-layout: fixed; } .grid th:first-child { width: 40%; }
            th, td { text-align: right; padding: .35rem .5rem; border-bottom: 1px solid var(--line);
              font-variant-numeric: tabular-nums; vertical-align: top; }
            th:first-child { text-align: left; }
            thead th { color: var(--soft); font-size: .8rem; font-weight: 600; }
            tbody th { font-weight: 500; } tbody td, tbody th { overflow-wrap: anywhere; }
            .words td, .words th { text-align: left; }
            article { border: 1px solid var(--line); border-left: .3rem solid currentColor; border-radius: .5rem;
              padding: .8rem 1rem; margin: .8rem 0; break-inside: avoid; }
            article > * { color: var(--ink); } article details { border: 0; padding: 0; }
            article h3 .badge.critical { color: var(--critical); }
            article h3 .badge.warning { color: var(--warning); } article h3 .badge.info { color: var(--info); }
            .keys { list-style: none; margin: .5rem 0; padding: 0; display: flex; flex-wrap: wrap; gap: .3rem; }
            .keys code { background: var(--card); border-radius: .3rem; padding: .1rem .4rem; }
            code { font: .82rem/1.45 ui-monospace, "SF Mono", Menlo, Consolas, monospace; overflow-wrap: anywhere; }
            pre { background: var(--card); border-radius: .4rem; padding: .6rem .8rem; margin: .5rem 0 0;
              white-space: pre-wrap; }
            details { border-bottom: 1px solid var(--line); padding: .45rem 0; }
            summary { cursor: pointer; overflow-wrap: anywhere; }
            svg.trend { width: 100%; max-height: 12rem; display: block; }
            svg line { stroke: var(--line); } svg text { fill: var(--soft); font-size: 11px; text-anchor: middle; }
            rect.critical { fill: var(--critical); } rect.warning { fill: var(--warning); }
            rect.info { fill: var(--info); }
            .legend i { display: inline-block; width: .7rem; height: .7rem; border-radius: .15rem;
              background: currentColor; margin: 0 .3rem 0 .5rem; }
            i.part0 { background: var(--part0) !important; } i.part1 { background: var(--part1) !important; }
            .bars { display: grid; grid-template-columns: minmax(8rem,
                auto) 1fr; gap: .3rem .8rem; margin: 0; font-size: .875rem; }
            .bars dt { overflow-wrap: anywhere; } .bars dd { margin: 0; display: flex; gap: .5rem;
              align-items: center; }
            .bar { flex: 1; display: flex; height: .8rem; background: var(--card); border-radius: .2rem;
              overflow: hidden; } .bar i { display: block; }
            .label { min-width: 6.5rem; color: var(--soft); font-variant-numeric: tabular-nums; }
            footer { margin-top: 2.5rem; border-top: 1px solid var(--line); padding-top: .8rem; }
            @media (max-width: 34rem) { .bars { grid-template-columns: 1fr; gap: .1rem; }
              .bars dd { margin-bottom: .5rem; } .label { min-width: 5.5rem; } }
            @media print { :root { color-scheme: light; } main { max-width: none; padding: 0; }
              body { font-size: 10.5pt; } pre, .bar, .card, .bar i, rect, .legend i { print-color-adjust: exact;
              -webkit-print-color-adjust: exact; }
              details::details-content { content-visibility: visible; height: auto; } h2 { break-after: avoid; }
              details, tr { break-inside: avoid; } }
            """;

    private ReportStyle() {}
}
