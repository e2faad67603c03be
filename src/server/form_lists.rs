//! What a form lets choose from: countries and time zones.

use crate::domain::country::Country;
use rlibphonenumber::PHONE_NUMBER_UTIL;
use std::sync::LazyLock;

/// The countries whose numbers can be read, by code, with their calling codes.
pub fn countries() -> &'static [Country] {
    &COUNTRIES
}

/// A country's name by its two letters.
pub fn country_name(code: &str) -> Option<&'static str> {
    rust_iso3166::from_alpha2(code).map(|country| country.name)
}

/// The names of the time zones, as `Europe/Berlin`.
pub fn time_zones() -> &'static [String] {
    &TIME_ZONES
}

static TIME_ZONES: LazyLock<Vec<String>> = LazyLock::new(|| {
    let known = jiff::tz::db().available().map(|name| name.to_string());
    let mut names: Vec<String> = known.filter(|name| is_a_place(name)).collect();
    names.push("UTC".to_owned());
    names.sort();
    names.dedup();
    names
});

/// Areas and places; not the old abbreviations, nor what other programs keep beside them.
fn is_a_place(name: &str) -> bool {
    let areas = [
        "Africa",
        "America",
        "Antarctica",
        "Arctic",
        "Asia",
        "Atlantic",
        "Australia",
        "Europe",
        "Indian",
        "Pacific",
    ];
    name.split_once('/').is_some_and(|(area, _)| areas.contains(&area))
}

static COUNTRIES: LazyLock<Vec<Country>> = LazyLock::new(|| {
    let mut countries: Vec<Country> = PHONE_NUMBER_UTIL
        .get_supported_regions()
        .filter_map(|region| {
            let code = region.to_string();
            let calling_code = PHONE_NUMBER_UTIL.get_country_code_for_region(region)?;
            let name = country_name(&code)?;
            Some(Country { name: format!("{name} (+{calling_code})"), code })
        })
        .collect();
    countries.sort_by(|one, other| one.name.cmp(&other.name));
    countries
});
