//! Puts stages into layers, so that lines go one way, and orders each layer for few crossings.
//!
//! rust-sugiyama does the work (docs/decisions/0004-pictures.md). It keeps the places of the points at which long lines
//! pass a layer to itself, so these are handed to it as small boxes of their own. Knows no rows and no directions:
//! "across" is the way along a layer, "along" the way from layer to layer.

use rust_sugiyama::configure::Config;
use rust_sugiyama::from_vertices_and_edges;

/// The width that a passing line takes in a layer.
const PASS: f64 = 14.0;
/// Between neighbours in a layer.
const GAP: f64 = 28.0;
/// Layers that would be wider are stacked in rows.
const MAX_WIDTH: f64 = 1_250.0;
/// Above so many nodes, layers are filled in the order of the file.
const MAX_NODES: usize = 1_500;
/// The same for edges: the time of crossing reduction grows with their square, and nobody follows so many lines.
const MAX_EDGES: usize = 600;
/// Above so many nodes the order is no longer improved by swapping neighbours, which takes long.
const MAX_SWAPPED: usize = 300;
/// So often layers are looked at again for whether they are too wide.
const MOST_ROUNDS: usize = 3;
/// At most so many edges and points at which lines pass layers; lines beyond that go straight.
const MAX_PASSES: usize = 1_000;

/// Where each node is.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Layers {
    /// The layer of each node.
    pub(super) layer: Vec<usize>,
    /// The middle of each node, across.
    pub(super) middle: Vec<f64>,
    /// For each edge where it passes the layers between its ends, first to last.
    pub(super) passes: Vec<Vec<f64>>,
}

/// Places nodes of the given sizes, each `(across, along)`.
///
/// # Arguments
/// * `edges`: from one node to another, without cycles.
///
/// # Complexity
/// That of network simplex and of crossing reduction; 1,000 nodes take about a tenth of a second.
pub(super) fn place(sizes: &[(f64, f64)], edges: &[(usize, usize)]) -> Layers {
    let count = edges.len();
    if sizes.len() > MAX_NODES || count > MAX_EDGES {
        return plain(sizes, edges);
    }
    let mut edges = [edges, &stacked(sizes, &ranks(sizes.len(), edges))].concat();
    let mut ranks = run(sizes, &edges).0;
    // The library puts nodes elsewhere than at their ranks, where they may be too many again.
    for _ in 0..MOST_ROUNDS {
        let more = stacked(sizes, &ranks);
        if more.is_empty() {
            break;
        }
        edges.extend(more);
        ranks = run(sizes, &edges).0;
    }
    let edges = &edges[..];
    let mut all_sizes = sizes.to_vec();
    let mut all_edges = Vec::with_capacity(edges.len());
    let mut chains: Vec<Vec<usize>> = Vec::with_capacity(edges.len());
    for &(from, to) in edges {
        let between = ranks[to].saturating_sub(ranks[from] + 1);
        let fits = all_edges.len() + between <= MAX_PASSES;
        let first = all_sizes.len();
        let chain: Vec<usize> = (first..first + if fits { between } else { 0 }).collect();
        all_sizes.extend(chain.iter().map(|_| (PASS, 1.0)));
        let nodes: Vec<usize> = [from].into_iter().chain(chain.iter().copied()).chain([to]).collect();
        all_edges.extend(nodes.windows(2).map(|pair| (pair[0], pair[1])));
        chains.push(chain);
    }
    let (layer, mut middle) = run(&all_sizes, &all_edges);
    squeeze(&all_sizes, &layer, &mut middle);
    separate(&all_sizes, &layer, &mut middle);
    mirror(&all_sizes, &layer[..sizes.len()], &mut middle);
    // A chain that does not pass every layer between its ends cannot guide a line.
    let passes = chains
        .iter()
        .zip(edges)
        .take(count)
        .map(|(chain, &(from, _))| {
            let is_straight = chain.iter().enumerate().all(|(at, node)| layer[*node] == layer[from] + at + 1);
            if is_straight { chain.iter().map(|node| middle[*node]).collect() } else { Vec::new() }
        })
        .collect();
    Layers { layer: layer[..sizes.len()].to_vec(), middle: middle[..sizes.len()].to_vec(), passes }
}

/// Edges that put nodes below each other which would make a layer too wide if they stood side by side. They draw no line.
fn stacked(sizes: &[(f64, f64)], ranks: &[usize]) -> Vec<(usize, usize)> {
    let mut stacked = Vec::new();
    for nodes in by_rank(ranks) {
        let width: f64 = nodes.iter().map(|node| sizes[*node].0 + GAP).sum();
        // So many rows that each is about as wide as the others.
        let rows = (width / MAX_WIDTH).ceil().max(1.0);
        let mut filled: Vec<(Vec<usize>, f64)> = vec![(Vec::new(), 0.0)];
        for node in nodes {
            let wide = sizes[node].0 + GAP;
            match filled.last_mut() {
                Some((row, used)) if row.is_empty() || *used + wide / 2.0 <= width / rows => {
                    row.push(node);
                    *used += wide;
                }
                _ => filled.push((vec![node], wide)),
            }
        }
        for pair in filled.windows(2) {
            let (above, below) = (&pair[0].0, &pair[1].0);
            stacked.extend(below.iter().enumerate().map(|(at, node)| (above[at % above.len()], *node)));
        }
    }
    stacked
}

/// The length of the longest way to each node.
fn ranks(count: usize, edges: &[(usize, usize)]) -> Vec<usize> {
    let mut ranks = vec![0_usize; count];
    // One round is enough where edges come in the order of the nodes they begin at, or else a few more.
    for _ in 0..count {
        let mut is_done = true;
        for &(from, to) in edges {
            if ranks[to] < ranks[from] + 1 {
                ranks[to] = ranks[from] + 1;
                is_done = false;
            }
        }
        if is_done {
            break;
        }
    }
    ranks
}

/// The nodes of each rank, in their order.
fn by_rank(ranks: &[usize]) -> Vec<Vec<usize>> {
    let mut layers = vec![Vec::new(); ranks.iter().max().map_or(0, |last| last + 1)];
    for (node, rank) in ranks.iter().enumerate() {
        layers[*rank].push(node);
    }
    layers
}

/// Layers by the longest way to each node, each filled in the order of the nodes. Lines go straight.
fn plain(sizes: &[(f64, f64)], edges: &[(usize, usize)]) -> Layers {
    let layer = ranks(sizes.len(), edges);
    let mut middle = vec![0.0; sizes.len()];
    for nodes in by_rank(&layer) {
        let mut free = 0.0;
        for node in nodes {
            middle[node] = free + sizes[node].0 / 2.0;
            free += sizes[node].0 + GAP;
        }
    }
    Layers { layer, middle, passes: vec![Vec::new(); edges.len()] }
}

/// The layer and the middle of each node. Parts that no edge connects are put beside each other.
fn run(sizes: &[(f64, f64)], edges: &[(usize, usize)]) -> (Vec<usize>, Vec<f64>) {
    let vertices: Vec<(u32, (f64, f64))> =
        sizes.iter().enumerate().map(|(at, size)| (at as u32, *size)).collect();
    let mut distinct: Vec<(u32, u32)> = edges.iter().map(|&(a, b)| (a as u32, b as u32)).collect();
    distinct.sort_unstable();
    distinct.dedup();
    let config = Config { vertex_spacing: GAP, transpose: sizes.len() <= MAX_SWAPPED, ..Config::default() };
    let (mut layer, mut middle) = (vec![0; sizes.len()], vec![0.0; sizes.len()]);
    let mut start = 0.0;
    for (nodes, _, _) in from_vertices_and_edges(&vertices, &distinct, &config) {
        let mut heights: Vec<f64> = nodes.iter().map(|(_, (_, y))| *y).collect();
        heights.sort_by(f64::total_cmp);
        heights.dedup();
        let left = |&(at, (x, _)): &(usize, (f64, f64))| x - sizes[at].0 / 2.0;
        let right = |&(at, (x, _)): &(usize, (f64, f64))| x + sizes[at].0 / 2.0;
        let first = nodes.iter().map(left).fold(f64::INFINITY, f64::min);
        let last = nodes.iter().map(right).fold(f64::NEG_INFINITY, f64::max);
        for (at, (x, y)) in nodes {
            layer[at] = heights.partition_point(|height| *height < y);
            middle[at] = x - first + start;
        }
        start += last - first + GAP;
    }
    (layer, middle)
}

/// Makes a picture narrower that is wider than [`MAX_WIDTH`] and than its fullest layer needs: that it can be seen as a
/// whole is worth more than that long lines are straight. Nodes keep their order.
fn squeeze(sizes: &[(f64, f64)], layer: &[usize], middle: &mut [f64]) {
    let mut order: Vec<usize> = (0..sizes.len()).collect();
    order.sort_by(|&a, &b| layer[a].cmp(&layer[b]).then(middle[a].total_cmp(&middle[b])).then(a.cmp(&b)));
    let layers: Vec<&[usize]> = order.chunk_by(|a, b| layer[*a] == layer[*b]).collect();
    let needed = |nodes: &&[usize]| nodes.iter().map(|node| sizes[*node].0 + GAP).sum::<f64>();
    let most = layers.iter().map(needed).fold(MAX_WIDTH, f64::max);
    let width = (0..sizes.len()).map(|at| middle[at] + sizes[at].0 / 2.0).fold(0.0, f64::max);
    if width <= most {
        return;
    }
    for nodes in layers {
        // As far to the right as all that follow allow, as far to the left as all before allow.
        let mut free = most;
        for &node in nodes.iter().rev() {
            let half = sizes[node].0 / 2.0;
            middle[node] = (middle[node] * most / width).min(free - half);
            free = middle[node] - half - GAP;
        }
        let mut free = 0.0;
        for &node in nodes {
            let half = sizes[node].0 / 2.0;
            middle[node] = middle[node].max(free + half);
            free = middle[node] + half + GAP;
        }
    }
}

/// Makes sure that nothing overlaps, whatever the library returned: pushes neighbours apart, keeping their order.
fn separate(sizes: &[(f64, f64)], layer: &[usize], middle: &mut [f64]) {
    let mut order: Vec<usize> = (0..sizes.len()).collect();
    order.sort_by(|&a, &b| layer[a].cmp(&layer[b]).then(middle[a].total_cmp(&middle[b])).then(a.cmp(&b)));
    for pair in order.windows(2) {
        let (before, after) = (pair[0], pair[1]);
        if layer[before] == layer[after] {
            let least = middle[before] + f64::midpoint(sizes[before].0, sizes[after].0) + GAP / 2.0;
            middle[after] = middle[after].max(least);
        }
    }
    let first = (0..sizes.len()).map(|at| middle[at] - sizes[at].0 / 2.0).fold(f64::INFINITY, f64::min);
    for place in middle.iter_mut() {
        *place -= first;
    }
}

/// Turns the picture round where that puts more neighbours into the order of the file: lanes have that order, too.
fn mirror(sizes: &[(f64, f64)], layer: &[usize], middle: &mut [f64]) {
    let mut order: Vec<usize> = (0..layer.len()).collect();
    order.sort_by(|&a, &b| layer[a].cmp(&layer[b]).then(middle[a].total_cmp(&middle[b])).then(a.cmp(&b)));
    let neighbours = order.windows(2).filter(|pair| layer[pair[0]] == layer[pair[1]]);
    let (right, all) =
        neighbours.fold((0, 0), |(right, all), pair| (right + usize::from(pair[0] < pair[1]), all + 1));
    if 2 * right < all {
        let last = (0..sizes.len()).map(|at| middle[at] + sizes[at].0 / 2.0).fold(0.0, f64::max);
        for place in middle.iter_mut() {
            *place = last - *place;
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_long_line_passes_the_layer_between() {
        let sizes = [(100.0, 50.0); 3];
        let placed = place(&sizes, &[(0, 1), (1, 2), (0, 2)]);
        assert_eq!(placed.layer, [0, 1, 2]);
        assert_eq!(placed.passes[2].len(), 1);
        assert!((placed.passes[2][0] - placed.middle[1]).abs() > 50.0, "beside the node, not through it");
    }

    #[test]
    fn many_lines_are_drawn_plainly() {
        let count = MAX_NODES + 1;
        let edges: Vec<(usize, usize)> = (1..count).map(|node| (node / 2, node)).rev().collect();
        let placed = place(&vec![(100.0, 50.0); count], &edges);
        assert!(edges.iter().all(|&(from, to)| placed.layer[from] < placed.layer[to]));
        assert!(placed.middle[3] - placed.middle[2] >= 100.0 + GAP / 2.0, "{:?}", &placed.middle[..5]);
    }

    #[test]
    fn parts_without_edges_stand_beside_each_other() {
        let placed = place(&[(100.0, 50.0), (60.0, 50.0)], &[]);
        assert!((placed.middle[0] - placed.middle[1]).abs() >= 80.0);
        assert_eq!(place(&[], &[]).layer, Vec::<usize>::new());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(200))]

        #[test]
        fn nothing_overlaps_and_lines_go_one_way(
            sizes in proptest::collection::vec((20.0..600.0, 20.0..400.0), 1..24),
            picks in proptest::collection::vec((0_usize..1000, 0_usize..1000), 0..40),
        ) {
            let count = sizes.len();
            let edges: Vec<(usize, usize)> = picks
                .iter()
                .map(|&(a, b)| (a % count, b % count))
                .filter(|(a, b)| a < b)
                .collect();
            let placed = place(&sizes, &edges);
            for (at, &(from, to)) in edges.iter().enumerate() {
                prop_assert!(placed.layer[from] < placed.layer[to]);
                let between = placed.layer[to] - placed.layer[from] - 1;
                prop_assert_eq!(placed.passes[at].len(), between);
            }
            for a in 0..count {
                for b in 0..a {
                    let apart = (placed.middle[a] - placed.middle[b]).abs();
                    prop_assert!(
                        placed.layer[a] != placed.layer[b]
                            || apart + 0.01 >= f64::midpoint(sizes[a].0, sizes[b].0)
                    );
                }
            }
            prop_assert_eq!(&placed, &place(&sizes, &edges));
        }
    }
}
