//! A page's query as it stands in its address. What the parameters mean is for the server to say: the browser only
//! keeps them and changes one or the other.

use std::fmt;

/// What a plain form's error adds to an address begins so.
const FOREIGN: &str = "__";

/// Names with their values, in order; none is empty.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Query(Vec<(String, String)>);

impl Query {
    /// Reads a query, without `?`, leaving out what has no value and what a plain form's error adds.
    pub fn read(text: &str) -> Self {
        let pairs = form_urlencoded::parse(text.as_bytes());
        let pairs = pairs.filter(|(name, value)| !name.starts_with(FOREIGN) && !value.is_empty());
        Self(pairs.map(|(name, value)| (name.into_owned(), value.into_owned())).collect())
    }

    /// Whether it asks for nothing.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The first value of `name`.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The same without any value of `names`.
    #[must_use]
    pub fn without(&self, names: &[&str]) -> Self {
        Self(self.0.iter().filter(|(name, _)| !names.contains(&name.as_str())).cloned().collect())
    }

    /// The same with `value` as the only value of `name`; an empty one takes the name away.
    #[must_use]
    pub fn with(&self, name: &str, value: &str) -> Self {
        let mut query = self.without(&[name]);
        if !value.is_empty() {
            query.0.push((name.to_owned(), value.to_owned()));
        }
        query
    }

    /// Whether it is `before` with other words to search for, and nothing else.
    pub fn is_typed_on_from(&self, before: &Self) -> bool {
        let [now, then] = [self, before].map(|query| query.without(&["q", "cursor"]).0);
        let times = |pairs: &[_], pair| pairs.iter().filter(|known| *known == pair).count();
        let is_same_rest =
            now.len() == then.len() && now.iter().all(|pair| times(&now, pair) == times(&then, pair));
        self.get("q").is_some() && before.get("q").is_some() && is_same_rest
    }

    /// Its names and values, in order.
    pub fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// The address of the page at `path` with this query.
    pub fn at(&self, path: &str) -> String {
        if self.is_empty() { path.to_owned() } else { format!("{path}?{self}") }
    }
}

impl fmt::Display for Query {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&form_urlencoded::Serializer::new(String::new()).extend_pairs(self.pairs()).finish())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_parameter_is_changed_and_taken_away() {
        let query = Query::read("phase=failed&status=busy&status=failed&q=&__err=x&q=ada%20l");
        assert_eq!(query.get("q"), Some("ada l"));
        assert_eq!(query.with("phase", "").at("/"), "/?status=busy&status=failed&q=ada+l");
        assert_eq!(query.without(&["status", "q"]).with("phase", "pending").at("/"), "/?phase=pending");
        assert_eq!(Query::read("").at("/"), "/");
    }

    #[test]
    fn only_other_words_are_typed_on() {
        let before = Query::read("q=ad&phase=failed&sort=due&cursor=x");
        assert!(before.with("q", "ada").without(&["cursor"]).is_typed_on_from(&before));
        assert!(before.with("phase", "failed").with("q", "a").is_typed_on_from(&before), "in any order");
        assert!(!before.with("q", "").is_typed_on_from(&before));
        assert!(!before.with("phase", "pending").is_typed_on_from(&before));
        assert!(!before.is_typed_on_from(&before.with("q", "")));
        let [twice, once] =
            ["q=a&status=busy&status=busy&status=failed", "q=a&status=busy&status=failed&status=failed"];
        assert!(!Query::read(twice).is_typed_on_from(&Query::read(once)), "each as often as before");
    }

    proptest! {
        #[test]
        fn a_query_survives_the_address(pairs in proptest::collection::vec(("[a-z]{1,9}", "\\PC{1,20}"), 0..6)) {
            let query = Query(pairs);
            prop_assert_eq!(Query::read(&query.to_string()), query);
        }
    }
}
