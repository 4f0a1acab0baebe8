//! The 46 examples of spec/04, by number.

use pg_numeric::{Numeric, float8};

use crate::n;

/// 10^k.
fn ten(k: usize) -> Numeric {
    n(&format!("1{}", "0".repeat(k)))
}

fn div(a: &str, b: &str) -> Numeric {
    n(a).pgdiv(&n(b)).unwrap()
}

/// prop(w, W) = floor(w / W × 10^15) / 10^15
fn prop(w: &Numeric, total: &Numeric) -> Numeric {
    (w.pgdiv(total).unwrap() * ten(15)).floor().pgdiv(&ten(15)).unwrap()
}

/// cut(x, s) = floor(x × s / 10000)
fn cut(x: &str, s: i32) -> String {
    (n(x) * Numeric::from(s)).pgdiv(&Numeric::from(10_000)).unwrap().floor().to_string()
}

fn per_day(amount: &Numeric) -> f64 {
    float8::mul(amount.to_f64(), float8::PER_DAY_FACTOR)
}

fn num38_text(v: f64) -> String {
    float8::to_numeric_shortest(v).unwrap().cast_integer(38).unwrap().to_string()
}

fn num38_15(v: f64) -> String {
    float8::to_numeric_15(v).unwrap().cast_integer(38).unwrap().to_string()
}

macro_rules! examples {
    ($($name:ident => $body:block)*) => {$(
        #[test]
        fn $name() $body
    )*};
}

examples! {
    example_01 => { assert_eq!(div("1000", "7").to_string(), "142.8571428571428571"); }
    example_02 => { assert_eq!(div("6", "7").dscale(), 20); }
    example_03 => { assert_eq!((div("7", "7").dscale(), div("8", "7").dscale()), (20, 16)); }
    example_04 => { assert_eq!((div("80000", "7").dscale(), div("70001", "7").dscale()), (12, 16)); }
    example_05 => { assert_eq!(div("5000000000000000000", "7").to_string(), "714285714285714286"); }
    example_06 => {
        let quotient = (Numeric::from(5) * ten(22)).pgdiv(&Numeric::from(7)).unwrap();
        assert_eq!(quotient.floor().to_string(), "7142857142857142857143");
    }
    example_07 => { assert_eq!(ten(20).pgdiv(&Numeric::from(7)).unwrap().to_string(), "14285714285714285714"); }
    example_08 => {
        let quotient = (Numeric::from(64) * ten(21)).pgdiv(&Numeric::from(7)).unwrap();
        assert_eq!(quotient.to_string(), "9142857142857142857143");
    }
    example_09 => {
        assert_eq!(div("1", "3").to_string(), "0.33333333333333333333");
        assert_eq!(div("2", "3").to_string(), "0.66666666666666666667");
    }
    example_10 => {
        assert_eq!(div("10", "3").to_string(), "3.3333333333333333");
        assert_eq!(div("20000", "3").to_string(), "6666.6666666666666667");
    }
    example_11 => {
        assert_eq!(div("10000", "9999").to_string(), "1.0001000100010001");
        assert_eq!(div("9999", "10000").to_string(), "0.99990000000000000000");
    }
    example_12 => {
        assert_eq!(div("0", "7").dscale(), 20);
        assert_eq!(div("0", "10000").to_string(), "0.000000000000000000000000");
        assert_eq!(Numeric::ZERO.pgdiv(&ten(15)).unwrap().dscale(), 32);
    }
    example_13 => {
        assert_eq!(div("1000", "10000").to_string(), "0.10000000000000000000");
        assert_eq!(div("1", "10000").to_string(), "0.000100000000000000000000");
    }
    example_14 => {
        let quotient = div("12345678901234567890123", "1000");
        assert_eq!((quotient.to_string().as_str(), quotient.dscale()), ("12345678901234567890", 0));
    }
    example_15 => {
        let quotient = (n("100000000000000005") * n("1000")).pgdiv(&n("10000")).unwrap();
        assert_eq!(quotient.to_string(), "10000000000000000.5000");
        assert_eq!(cut("100000000000000005", 1000), "10000000000000000");
    }
    example_16 => {
        let quotient = (n("199999999999999995") * n("1000")).pgdiv(&n("10000")).unwrap();
        assert_eq!(quotient.to_string(), "19999999999999999.5000");
        assert_eq!(cut("199999999999999995", 1000), "19999999999999999");
    }
    example_17 => {
        assert_eq!(cut("200000000000000005", 1000), "20000000000000001");
        assert_eq!((n("200000000000000005") * n("0.10")).floor().to_string(), "20000000000000000");
    }
    example_18 => { assert_eq!(cut("1999999999999999995", 1000), "200000000000000000"); }
    example_19 => { assert_eq!(prop(&n("1"), &n("3")).to_string(), "0.33333333333333300000"); }
    example_20 => { assert_eq!(prop(&n("2"), &n("2")).to_string(), "1.00000000000000000000"); }
    example_21 => { assert_eq!(prop(&n("999"), &n("1000")).to_string(), "0.99900000000000000000"); }
    example_22 => {
        let quotient = n("99999999999999999999").pgdiv(&ten(20)).unwrap();
        assert_eq!(quotient.to_string(), "0.99999999999999999999");
        assert_eq!(prop(&n("99999999999999999999"), &ten(20)).to_string(), "0.99999999999999900000");
    }
    example_23 => { assert_eq!(prop(&n("999999999999999999999"), &ten(21)).to_string(), "1.00000000000000000000"); }
    example_24 => {
        assert_eq!(div("1", "1000000000000001").to_string(), "0.00000000000000099999999999999900");
        let zero = prop(&n("1"), &n("1000000000000001"));
        assert_eq!((zero.is_zero(), zero.dscale()), (true, 32));
    }
    example_25 => {
        let tenth = n("5") * n("0.10");
        assert_eq!(tenth.to_string(), "0.50");
        assert_eq!((tenth.round_half_away().to_string(), tenth.floor().to_string()), ("1".into(), "0".into()));
    }
    example_26 => {
        let tenth = n("14285714285714285714285") * n("0.10");
        assert_eq!(tenth.to_string(), "1428571428571428571428.50");
        assert_eq!(tenth.round_half_away().to_string(), "1428571428571428571429");
        assert_eq!(tenth.floor().to_string(), "1428571428571428571428");
    }
    example_27 => {
        let weight = (ten(18) * n("333333333333333333")).pgdiv(&ten(18)).unwrap() * ten(18);
        assert_eq!(weight.to_string(), "333333333333333333000000000000000000");
    }
    example_28 => {
        let weight = (n("7") * n("333333333333333333")).pgdiv(&ten(18)).unwrap() * n("3");
        assert_eq!((weight.to_string().as_str(), weight.dscale()), ("6.9999999999999999", 16));
    }
    example_29 => {
        let weight = (n("100000") * n("1")).pgdiv(&n("3")).unwrap() * n("1");
        assert_eq!((weight.to_string().as_str(), weight.dscale()), ("33333.333333333333", 12));
    }
    example_30 => {
        let tokens = (n("1000") * n("33333.333333333333")).pgdiv(&n("83333.333333333333")).unwrap();
        assert_eq!(tokens.to_string(), "399.9999999999999976");
        assert_eq!(tokens.floor().to_string(), "399");
    }
    example_31 => {
        let tokens = (ten(21) * n("2")).pgdiv(&n("3")).unwrap();
        assert_eq!(tokens.to_string(), "666666666666666666667");
        assert_eq!(tokens.floor(), tokens);
    }
    example_32 => {
        let tokens = (ten(21) * n("2.0000")).pgdiv(&n("3")).unwrap();
        assert_eq!(tokens.to_string(), "666666666666666666666.6667");
        assert_eq!(tokens.floor().to_string(), "666666666666666666666");
    }
    example_33 => {
        let v = 123_456_789_012_345_678_f64;
        assert_eq!(float8::text(v), "1.2345678901234568e+17");
        assert_eq!((num38_text(v), num38_15(v)), ("123456789012345680".into(), "123456789012346000".into()));
    }
    example_34 => {
        let v = 18_014_398_509_482_032_f64;
        assert_eq!(float8::text(v), "1.8014398509482032e+16");
        assert_eq!((num38_text(v), num38_15(v)), ("18014398509482032".into(), "18014398509482000".into()));
    }
    example_35 => {
        assert_eq!(float8::text(2e23), "1.9999999999999998e+23");
        assert_eq!((num38_text(2e23), num38_15(2e23)), ("199999999999999980000000".into(), ten(23).to_string().replace('1', "2")));
    }
    example_36 => {
        assert_eq!(float8::text(1e23), "9.999999999999999e+22");
        assert_eq!((num38_text(1e23), num38_15(1e23)), ("99999999999999990000000".into(), ten(23).to_string()));
    }
    example_37 => {
        assert_eq!(float8::text(1e22), "1e+22");
        assert_eq!((num38_text(1e22), num38_15(1e22)), (ten(22).to_string(), ten(22).to_string()));
    }
    example_38 => {
        let v = 2.4999999999999996;
        assert_eq!(float8::text(v), "2.4999999999999996");
        assert_eq!((num38_text(v), num38_15(v)), ("2".into(), "3".into()));
    }
    example_39 => {
        for (v, text, rounded) in [(0.5, "0.5", "1"), (1.5, "1.5", "2"), (2.5, "2.5", "3")] {
            assert_eq!(float8::text(v), text);
            assert_eq!((num38_text(v), num38_15(v)), (rounded.into(), rounded.into()));
        }
    }
    example_40 => {
        assert_eq!(float8::text(1.5e-7), "1.5e-07");
        assert_eq!((num38_text(1.5e-7), num38_15(1.5e-7)), ("0".into(), "0".into()));
    }
    example_41 => {
        for (v, printed) in [
            (1_234_567_890_123_455.0, "1234567890123460"),
            (1_234_567_890_123_445.0, "1234567890123440"),
            (1_234_567_890_123_465.0, "1234567890123460"),
        ] {
            assert_eq!(float8::to_numeric_15(v).unwrap().to_string(), printed);
        }
    }
    example_42 => { assert_eq!(float8::text(per_day(&div("1000", "7"))), "142.85714285714272"); }
    example_43 => { assert_eq!(float8::text(per_day(&n("142857142857142857142"))), "1.4285714285714271e+20"); }
    example_44 => { assert_eq!(float8::text(per_day(&n("5000"))), "4999.999999999995"); }
    example_45 => {
        assert_eq!(float8::text(per_day(&ten(18))), "9.99999999999999e+17");
        assert_eq!(float8::text(per_day(&n("3"))), "2.999999999999997");
    }
    example_46 => {
        let v = float8::mul(n("0.333333333333333").to_f64(), n("142857142857142857142.857").to_f64());
        assert_eq!(float8::text(v), "4.761904761904757e+19");
        assert_eq!((num38_text(v), num38_15(v)), ("47619047619047570000".into(), "47619047619047600000".into()));
    }
}

#[test]
fn section_1_dscale_is_data_but_not_value() {
    assert_eq!(n("2.5"), n("2.5000"));
    assert_eq!((n("2.5").dscale(), n("2.5000").dscale(), n("0.10").dscale()), (1, 4, 2));
}

#[test]
fn section_6_nearest_double_is_ties_to_even() {
    assert_eq!(n("9007199254740993").to_f64(), 9_007_199_254_740_992.0);
    assert_eq!(float8::PER_DAY_FACTOR, n("0.999999999999999").to_f64());
}
