// What of a flow is shown: nodes that fold into another (villages into their township) stand for it until unfolded.

/**
 * data: { nodes: [{ id, name, depth, mark, tip, href?, fold?, folds? }], links: [{ source, target, value, tip }] };
 * `fold`: the id of the node that it is part of while that one is folded; `folds`: it is such a node.
 * unfolded: the ids of those that are unfolded. Returned: nodes and links as they are drawn, equal links added up; a
 * link that leaps over levels goes through a node on each (`via`: the id of its source), which keeps it from lying
 * behind the stations of that level.
 */
export function shownFlow(data, unfolded) {
  const foldOf = new Map(data.nodes.map(node => [node.id, node.fold]));
  const shown = id => (foldOf.get(id) && !unfolded.has(foldOf.get(id)) ? foldOf.get(id) : id);
  const nodes = data.nodes.filter(node => (node.folds ? !unfolded.has(node.id) : shown(node.id) === node.id));
  const links = new Map();
  for (const link of data.links) {
    const [source, target] = [shown(link.source), shown(link.target)];
    const key = JSON.stringify([source, target]);
    const known = links.get(key);
    if (known) known.value += link.value;
    else links.set(key, { ...link, source, target });
  }
  return throughEachLevel(nodes, [...links.values()]);
}

function throughEachLevel(nodes, links) {
  const depths = new Map(nodes.map(node => [node.id, node.depth]));
  const [allNodes, pieces] = [[...nodes], []];
  for (const link of links) {
    let from = link.source;
    for (let depth = depths.get(link.source) + 1; depth < depths.get(link.target); depth++) {
      const id = JSON.stringify([link.source, link.target, depth]);
      allNodes.push({ id, name: "", depth, tip: link.tip, via: link.source });
      pieces.push({ ...link, source: from, target: id });
      from = id;
    }
    pieces.push({ ...link, source: from });
  }
  return { nodes: allNodes, links: pieces };
}
