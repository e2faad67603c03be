//! The page as the server renders it, whole and without a script.

use super::catch_up;
use crate::support::{
    app::{App, BUSY, COMPLETES},
    both_databases,
};
use reqwest::{Method, StatusCode};

both_databases!(
    the_page_is_whole_without_a_script,
    before_anything_ended_it_says_what_to_do,
    a_range_that_is_refused_is_told_beside_its_field,
    what_is_typed_is_shown_and_never_run,
    before_everything_is_counted_it_says_so,
);

async fn page(app: &App, query: &str) -> (StatusCode, String) {
    let request = app.request(Method::GET, &format!("/insights?{query}")).header("accept", "text/html");
    let answer = request.send().await.expect("an answer");
    (answer.status(), answer.text().await.expect("HTML"))
}

async fn the_page_is_whole_without_a_script(app: App) {
    app.create(COMPLETES).await;
    app.create(BUSY).await;
    app.live(12).await;
    catch_up(&app).await;
    let (status, page) = page(&app, "range=today&time_zone=Asia/Kathmandu").await;
    assert_eq!(status, StatusCode::OK);
    for words in [
        "2 calls ended, by the hour in which they did.",
        "50% of 2 attempts answered.",
        "The best hour begins at 14:00: 50% of 2 attempts answered.",
        "<th scope=\"row\">14:00</th>",
        "14:00: completed 1, busy 1",
        "url(#outcome-busy)",
        "/api/insights.csv?table=lateness&amp;range=today&amp;time_zone=Asia%2FKathmandu",
        "href=\"/insights?range=30d&amp;time_zone=Asia%2FKathmandu\"",
        "<option value=\"Asia/Kathmandu\" selected",
        "Counted up to 21 Nov 2026, 14:45",
    ] {
        assert!(page.contains(words), "{words} is not in {page}");
    }
    assert!(!page.contains(" style="), "the policy forbids it");
}

async fn before_anything_ended_it_says_what_to_do(app: App) {
    catch_up(&app).await;
    let (status, page) = page(&app, "range=7d&workflow=sales").await;
    assert_eq!(status, StatusCode::OK);
    for words in [
        "Nothing to show yet",
        "No sales call ended in these days.",
        "/insights?range=90d&amp;workflow=sales",
    ] {
        assert!(page.contains(words), "{words} is not in {page}");
    }
}

async fn a_range_that_is_refused_is_told_beside_its_field(app: App) {
    catch_up(&app).await;
    let (status, shown) = page(&app, "from=2026-11-02&to=2026-11-01&workflow=sales").await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    for words in [
        "There is a problem",
        "<a href=\"#to\"",
        "The last day is before the first one.",
        "value=\"2026-11-02\"",
        "<option value=\"sales\" selected",
    ] {
        assert!(shown.contains(words), "{words} is not in {shown}");
    }
    let (status, shown) = page(&app, "colour=red").await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    assert!(shown.contains("colour: there is no such filter"), "{shown}");
}

async fn what_is_typed_is_shown_and_never_run(app: App) {
    let (status, page) = page(&app, "time_zone=%22%3E%3Cscript%3Ealert(1)%3C/script%3E&from=%3Cb%3E").await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    assert!(!page.contains("<script>alert") && !page.contains("<b>"), "{page}");
}

async fn before_everything_is_counted_it_says_so(app: App) {
    app.create(COMPLETES).await;
    app.live(12).await;
    let (status, page) = page(&app, "").await;
    assert_eq!(status, StatusCode::OK);
    assert!(page.contains("Not all calls are counted yet"), "{page}");
}
