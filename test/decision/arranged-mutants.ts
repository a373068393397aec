/**
 * The reading of arrangements with one comparison broken at a time, each to be found by the second
 * reading: what is broken, in which file, what is looked for there, and what stands there instead.
 */
export const mutants: readonly (readonly [what: string, file: string, from: string, to: string])[] =
  [
    ...[
      ['any kind covers', 'if (!canCover(arrangement))', 'if (false)'],
      ['mutual assistance covers nothing', "['police', 'mla', 'vetting']", "['police', 'vetting']"],
      ['vetting covers what it says', "kind === 'vetting' ? ['other'] : purposes", 'purposes'],
      ['the parties do not count', '    () => binds(arrangement, known),\n', ''],
      [
        'the channel does not count',
        "    ['request.channel', (value) => has(channels, value)],\n",
        '',
      ],
      [
        'the authority does not count',
        "    ['requester.authorityType', (value) => has(authorities, value)],\n",
        '',
      ],
      ['the class does not count', '(classes === undefined || has(classes, value)) && ', ''],
      ['what is left out is not', ' && !has(excludes, value)', ''],
      ['the penalty does not count', '...(months === undefined', '...(true'],
      ['the penalty has to be higher', '>= months', '> months'],
      ['a state binds itself', "if (holder === requester) return 'fails'", ''],
      ['two of one side are bound', 'to !== from && ', ''],
      ['data goes both ways', "direction === 'both' || toSide[direction] === to", 'true'],
      ['data goes the other way', "'to-first': 0, 'to-second': 1", "'to-first': 1, 'to-second': 0"],
      ['any agency of the holder', "() => meant(from, holder, 'holder.agency'),", ''],
      ['any agency of the requester', "() => meant(to, requester, 'requester.agency'),", ''],
      ['a list that is not in force is empty', ' || sides.includes(undefined)', ''],
      [
        'what may fit is left aside',
        "if (truth !== 'fails') return truth === 'holds' ? each : undefined",
        "if (truth === 'holds') return each",
      ],
      ['what may fit covers', "return truth === 'holds' ? each : undefined", 'return each'],
      [
        'an unknown country is none',
        "if (holder === undefined || requester === undefined) return 'unanswerable'",
        '',
      ],
      [
        'what is not known fails',
        "value === undefined ? 'unanswerable'",
        "value === undefined ? 'fails'",
      ],
      [
        'what is not known holds',
        "value === undefined ? 'unanswerable'",
        "value === undefined ? 'holds'",
      ],
      [
        'an unknown fact hides what fails',
        "if (answered === 'unanswerable') truth = answered",
        "if (answered === 'unanswerable') return answered",
      ],
      ['whatever binds protects', "kind === 'safeguards-only')", 'kind.length > 0)'],
      [
        'what protects others protects',
        '() => binds(each, known),\n        () => among',
        '() => among',
      ],
      [
        'what protects for another purpose protects',
        "        () => among(known, 'request.purpose', each.entry.purposes),\n",
        '',
      ],
      ['only what covers protects', '[covering, ...found]', '[covering]'],
      ['only what stands beside protects', '[covering, ...found]', 'found'],
      ['what may protect does not', "strongest(['holds', 'unanswerable'])", 'sure'],
      [
        'what may protect does',
        "sure = strongest(['holds'])",
        "sure = strongest(['holds', 'unanswerable'])",
      ],
      ['the weakest safeguards count', 'safeguards.findLast(', 'safeguards.find('],
      [
        'safeguards where nothing covers',
        "if (covering === 'none' || covering === undefined) return covering",
        "if (covering === undefined) return covering\n  if (covering === 'none') return safeguards[2]",
      ],
    ].map(([what = '', from = '', to = '']) => [what, 'decision/arranged.ts', from, to] as const),
    ...[
      ['an entry out of force', 'isGood(entry) && ', ''],
      ['a suspended entry', ' && !entry.suspensions?.some(isGood)', ''],
      ['a party from the first day', 'from: party.from ?? from', 'from'],
      ['a party without end', ', until: party.until', ''],
      ['agencies are not read', 'party.agencies ?? null', 'null'],
      ['who is left out is in', '!party.except?.includes(each)', 'each !== undefined'],
      ['all parties are two sides', 'if (multilateral !== true) return sides', 'return sides'],
      ['each is bound to each', 'if (multilateral !== true) return sides', ''],
      [
        'an unknown list among many',
        'sides.includes(undefined) ? [...each, undefined] : each',
        'each',
      ],
      [
        'the weaker counts first',
        'safeguards.length - safeguards.indexOf(own)',
        'safeguards.indexOf(own)',
      ],
      [
        'a penalty counts first',
        'threshold === undefined ? 0 : 1',
        'threshold === undefined ? 1 : 0',
      ],
      ['a penalty does not matter for the order', 'threshold === undefined ? 0 : 1', '0'],
      ['the last id counts', 'rankOf(a) < rankOf(b) ? -1 : 1', 'rankOf(a) < rankOf(b) ? 1 : -1'],
    ].map(([what = '', from = '', to = '']) => [what, 'policy/arrangement.ts', from, to] as const),
  ]
