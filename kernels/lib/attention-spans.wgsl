// Shared by the attention kernels: which keys a query sees. Key j is visible to query i if firstOf(i) ≤ j ≤ i, that is, if
// j ≤ i < endOf(j). Neither bound ever falls along a row, so the first query of a tile has the lowest first key, and the
// last key the highest end.
//   spans [B, T, 2] u32 (with SPANS): of each position, the first position of its record and one past the last. Without
//   SPANS a row is one record.

#if SPANS
@group(0) @binding(7) var<storage, read> spans: array<vec2u>;

fn firstOf(group: vec3u, position: u32) -> u32 { return spans[group.z * params.T + min(position, params.T - 1u)].x; }
fn endOf(group: vec3u, position: u32) -> u32 { return spans[group.z * params.T + min(position, params.T - 1u)].y; }
#else
fn firstOf(group: vec3u, position: u32) -> u32 { return 0u; }
fn endOf(group: vec3u, position: u32) -> u32 { return params.T; }
#endif
