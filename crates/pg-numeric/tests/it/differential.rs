//! Every operation against a real PostgreSQL, on seeded adversarial operands.
//!
//! `PAYDIRT_PAIRS` operands per operation (10 000 by default) are sent in one statement per test; `PAYDIRT_SEED` picks
//! others. A failure prints the seed, the operands and both results.

use std::error::Error;
use std::fmt::Debug;

use pg_numeric::{Numeric, float8};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use test_support::TestServer;
use tokio_postgres::types::private::BytesMut;
use tokio_postgres::types::{FromSql, IsNull, ToSql, Type, to_sql_checked};
use tokio_postgres::{NoTls, Row};

use crate::n;
use crate::operands::{self, settings};

/// Runs one statement in a session of its own and returns its rows.
fn query(statement: &str, parameters: &[&(dyn ToSql + Sync)]) -> Vec<Row> {
    test_support::runtime().block_on(async {
        let (client, connection) = tokio_postgres::connect(&TestServer::shared().url(), NoTls).await.unwrap();
        tokio::spawn(connection);
        client.query(statement, parameters).await.unwrap()
    })
}

/// The operands of a test, and what to say when one fails.
struct Seeded<T> {
    seed: u64,
    operands: Vec<T>,
}

impl<T: Debug> Seeded<T> {
    fn new(mut one: impl FnMut(&mut ChaCha8Rng) -> T) -> Seeded<T> {
        let (seed, count) = settings();
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        Seeded { seed, operands: (0..count).map(|_| one(&mut rng)).collect() }
    }

    /// Asserts that ours equals PostgreSQL's in one place.
    fn same<R: PartialEq + Debug>(&self, operation: &str, index: usize, ours: &R, theirs: &R) {
        let operands = &self.operands[index];
        assert_eq!(
            ours, theirs,
            "{operation} differs: ours left, PostgreSQL's right; operands {operands:?} (number {index} of PAYDIRT_SEED={})",
            self.seed
        );
    }
}

/// prop(w, W) = floor(w / W × 10^15) / 10^15 (spec/04 §4)
fn prop(w: &Numeric, total: &Numeric) -> Numeric {
    let scale = Numeric::from(1_000_000_000_000_000_i64);
    (w.pgdiv(total).unwrap() * &scale).floor().pgdiv(&scale).unwrap()
}

/// cut(x, s) = floor(x × s / 10000) (spec/04 §4)
fn cut(x: &Numeric, s: &Numeric) -> Numeric {
    (x * s).pgdiv(&Numeric::from(10_000)).unwrap().floor()
}

#[test]
fn pairs_add_subtract_multiply_divide_and_compare_alike() {
    let pairs = Seeded::new(|rng| {
        let (a, b) = operands::pair(rng);
        (a.text(), b.text())
    });
    let (a, b): (Vec<&str>, Vec<&str>) = pairs.operands.iter().map(|(a, b)| (a.as_str(), b.as_str())).unzip();
    let rows = query(
        "SELECT (a + b)::text, (a - b)::text, (a * b)::text,
                CASE WHEN b <> 0 THEN (a / b)::text END,
                CASE WHEN b <> 0 THEN scale(a / b) END,
                CASE WHEN b <> 0 THEN (floor(a / b * 1000000000000000) / 1000000000000000)::text END,
                floor(a * b / 10000)::text,
                a < b, a = b
         FROM (SELECT a::numeric AS a, b::numeric AS b, place
               FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS t(a, b, place)) AS operands
         ORDER BY place",
        &[&a, &b],
    );
    assert_eq!(rows.len(), pairs.operands.len());
    for (index, row) in rows.iter().enumerate() {
        let (a, b) = (n(a[index]), n(b[index]));
        let text = |operation, ours: Numeric, column| {
            pairs.same(operation, index, &ours.to_string().as_str(), &row.get::<_, &str>(column));
        };
        text("a + b", &a + &b, 0);
        text("a - b", &a - &b, 1);
        text("a * b", &a * &b, 2);
        text("cut(a, b)", cut(&a, &b), 6);
        pairs.same("a < b", index, &(a < b), &row.get(7));
        pairs.same("a = b", index, &(a == b), &row.get(8));
        if !b.is_zero() {
            let quotient = a.pgdiv(&b).unwrap();
            pairs.same("scale(a / b)", index, &i32::from(quotient.dscale()), &row.get(4));
            text("a / b", quotient, 3);
            text("prop(a, b)", prop(&a, &b), 5);
        }
    }
}

#[test]
fn numerics_round_cast_and_print_alike() {
    let values = Seeded::new(|rng| operands::numeric(rng).text());
    let rows = query(
        "SELECT a::text, scale(a), floor(a)::text, round(a)::text,
                CASE WHEN abs(round(a)) < 1e38 THEN a::numeric(38,0)::text END,
                a::float8, numeric_send(a), -a = 0 - a, (-a)::text
         FROM (SELECT a::numeric AS a, place FROM unnest($1::text[]) WITH ORDINALITY AS t(a, place)) AS operands
         ORDER BY place",
        &[&values.operands],
    );
    assert_eq!(rows.len(), values.operands.len());
    for (index, row) in rows.iter().enumerate() {
        let a = n(&values.operands[index]);
        values.same("text", index, &a.to_string().as_str(), &row.get(0));
        values.same("scale", index, &i32::from(a.dscale()), &row.get(1));
        values.same("floor", index, &a.floor().to_string().as_str(), &row.get(2));
        values.same("round", index, &a.round_half_away().to_string().as_str(), &row.get(3));
        values.same("numeric(38,0)", index, &a.cast_integer(38).ok().map(|x| x.to_string()), &row.get(4));
        values.same("float8", index, &a.to_f64().to_bits(), &row.get::<_, f64>(5).to_bits());
        let mut wire = Vec::new();
        a.write_wire(&mut wire);
        values.same("numeric_send", index, &wire.as_slice(), &row.get(6));
        values.same("-a", index, &(-&a).to_string().as_str(), &row.get(8));
    }
}

#[test]
fn doubles_print_cast_and_multiply_alike() {
    let values = Seeded::new(operands::double);
    let rows = query(
        "SELECT v, v::text, v::numeric::text, v::text::numeric::text,
                CASE WHEN abs(v) < 9e37 THEN v::numeric(38,0)::text END,
                CASE WHEN abs(v) < 9e37 THEN v::text::numeric(38,0)::text END,
                v * 0.999999999999999::numeric
         FROM unnest($1::float8[]) WITH ORDINALITY AS t(v, place)
         ORDER BY place",
        &[&values.operands],
    );
    assert_eq!(rows.len(), values.operands.len());
    for (index, row) in rows.iter().enumerate() {
        let v = values.operands[index];
        assert_eq!(v.to_bits(), row.get::<_, f64>(0).to_bits(), "the operand arrived");
        let fifteen = float8::to_numeric_15(v).unwrap();
        let shortest = float8::to_numeric_shortest(v).unwrap();
        values.same("float8 text", index, &float8::text(v).as_str(), &row.get(1));
        values.same("float8::numeric", index, &fifteen.to_string().as_str(), &row.get(2));
        values.same("float8::text::numeric", index, &shortest.to_string().as_str(), &row.get(3));
        if v.abs() < 9e37 {
            values.same("num38₁₅", index, &fifteen.cast_integer(38).unwrap().to_string().as_str(), &row.get(4));
            values.same("num38ₜ", index, &shortest.cast_integer(38).unwrap().to_string().as_str(), &row.get(5));
        }
        let product = float8::mul(v, float8::PER_DAY_FACTOR);
        values.same("v × 0.999999999999999", index, &product.to_bits(), &row.get::<_, f64>(6).to_bits());
    }
}

/// A numeric as a binary parameter and as a binary column.
#[derive(Debug)]
struct Wire(Numeric);

impl ToSql for Wire {
    fn to_sql(&self, _: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        let mut bytes = Vec::new();
        self.0.write_wire(&mut bytes);
        out.extend_from_slice(&bytes);
        Ok(IsNull::No)
    }

    fn accepts(ty: &Type) -> bool {
        *ty == Type::NUMERIC
    }

    to_sql_checked!();
}

impl FromSql<'_> for Wire {
    fn from_sql(_: &Type, bytes: &[u8]) -> Result<Wire, Box<dyn Error + Sync + Send>> {
        Ok(Wire(Numeric::read_wire(bytes)?))
    }

    fn accepts(ty: &Type) -> bool {
        *ty == Type::NUMERIC
    }
}

#[test]
fn binary_numerics_travel_both_ways() {
    let values = Seeded::new(|rng| operands::numeric(rng).text());
    let parameters: Vec<Wire> = values.operands.iter().map(|text| Wire(n(text))).collect();
    let rows = query(
        "SELECT a::text, a FROM unnest($1::numeric[]) WITH ORDINALITY AS t(a, place) ORDER BY place",
        &[&parameters],
    );
    assert_eq!(rows.len(), values.operands.len());
    for (index, row) in rows.iter().enumerate() {
        let text = values.operands[index].as_str();
        values.same("what the server received", index, &n(text).to_string().as_str(), &row.get(0));
        values.same("what the server sent", index, &n(text).to_string(), &row.get::<_, Wire>(1).0.to_string());
    }
}

/// Corners no random operand reaches: scales at PostgreSQL's limits, and the layout of float8 text.
#[test]
fn limits_and_layouts_agree() {
    let far = format!("0.{}15", "0".repeat(16_381));
    let pairs =
        [(far.as_str(), "0.1"), (far.as_str(), "-0.1"), (far.as_str(), "0.01"), (far.as_str(), &far), ("1", &far)];
    let deep = format!("1.{}", "3".repeat(1_200));
    let divisions = [(deep.as_str(), "7"), ("7", deep.as_str()), (deep.as_str(), "0.3"), (&far, "3"), ("1e-999", "7")];
    for (a, b) in pairs {
        let theirs = query("SELECT ($1::text::numeric * $2::text::numeric)::text", &[&a, &b]);
        assert!((n(a) * n(b)).to_string() == theirs[0].get::<_, &str>(0), "a product of {} decimals", a.len());
    }
    for (a, b) in divisions {
        let plain = query("SELECT $1::text::numeric::text", &[&a]);
        let (a, b) = (plain[0].get::<_, &str>(0), b);
        let theirs = query("SELECT ($1::text::numeric / $2::text::numeric)::text", &[&a, &b]);
        assert_eq!(n(a).pgdiv(&n(b)).unwrap().to_string(), theirs[0].get::<_, &str>(0), "{a} / {b}");
    }
    let mut doubles = vec![0.0, -0.0, f64::NAN, f64::INFINITY, f64::NEG_INFINITY, f64::MAX, f64::MIN_POSITIVE, 5e-324];
    for exponent in -8..=22 {
        for digits in ["1", "1.5", "-9.99", "1.2345678901234567", "9.999999999999999"] {
            doubles.push(format!("{digits}e{exponent}").parse().unwrap());
        }
    }
    let rows = query("SELECT v::text FROM unnest($1::float8[]) WITH ORDINALITY AS t(v, i) ORDER BY i", &[&doubles]);
    for (v, row) in doubles.iter().zip(&rows) {
        assert_eq!(float8::text(*v), row.get::<_, &str>(0));
    }
}
