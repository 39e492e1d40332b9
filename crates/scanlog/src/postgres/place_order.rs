//! The order in which places lie side by side in a distributed table, so that one statement meets few shards.
//!
//! Citus spreads rows by PostgreSQL's own hash of the distribution column and gives each shard an even range of
//! its values. Rows in the order of that hash are rows in the order of shards: of a group of 8,192 rows, cut into
//! statements of 512, each statement goes to two or three of 32 shards instead of to all of them.

/// PostgreSQL's `hashint4` of an area (`hash_bytes_uint32` in its src/common/hashfn.c, after Bob Jenkins).
pub(super) fn place_order(area_id: u32) -> i32 {
    let start = 0x9e37_79b9_u32.wrapping_add(4).wrapping_add(3_923_095);
    let (mut a, mut b, mut c) = (start.wrapping_add(area_id), start, start);
    c = (c ^ b).wrapping_sub(b.rotate_left(14));
    a = (a ^ c).wrapping_sub(c.rotate_left(11));
    b = (b ^ a).wrapping_sub(a.rotate_left(25));
    c = (c ^ b).wrapping_sub(b.rotate_left(16));
    a = (a ^ c).wrapping_sub(c.rotate_left(4));
    b = (b ^ a).wrapping_sub(a.rotate_left(14));
    c = (c ^ b).wrapping_sub(b.rotate_left(24));
    c.cast_signed()
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use std::collections::HashSet;

    use sqlx::Connection as _;

    use super::*;

    #[tokio::test]
    async fn it_is_the_hash_of_postgresql() {
        let url = std::env::var("VAORA_TEST_PG");
        let url = url.unwrap_or_else(|_| panic!("VAORA_TEST_PG is not set: run `cargo xtask test`"));
        let mut connection = sqlx::PgConnection::connect(&url).await.unwrap();
        let areas: Vec<u32> = (0..2_000).chain([19_000, 1 << 20, crate::AREA_ID_MAX]).collect();
        let bound: Vec<i32> = areas.iter().map(|area| area.cast_signed()).collect();
        let theirs: Vec<i32> =
            sqlx::query_scalar("SELECT hashint4(a) FROM unnest($1) WITH ORDINALITY u (a, n) ORDER BY n")
                .bind(bound)
                .fetch_all(&mut connection)
                .await
                .unwrap();
        let ours: Vec<i32> = areas.into_iter().map(place_order).collect();
        assert_eq!(ours, theirs);
    }

    #[test]
    fn a_statement_of_a_full_group_meets_few_shards() {
        // 32 shards of even ranges, as Citus makes them; a group of 8,192 scans all over the province.
        let shard = |area: u32| (i64::from(place_order(area)) - i64::from(i32::MIN)) >> 27;
        let mut areas: Vec<u32> = (0..8_192_u32).map(|n| n * 7_919 % 19_000).collect();
        let most = |areas: &[u32]| {
            areas
                .chunks(512)
                .map(|rows| rows.iter().map(|&area| shard(area)).collect::<HashSet<_>>().len())
                .max()
        };
        assert_eq!(most(&areas), Some(32), "as they come");
        areas.sort_unstable_by_key(|&area| place_order(area));
        assert!(most(&areas) <= Some(4), "{:?}", most(&areas));
    }
}
