//! The API's document and its reading routes.

use domain::role::Role;

use crate::common::source;

on_both! {
    async fn the_document_is_served_as_it_was_agreed(app) {
        let served = app.stranger().get("/api/v1/openapi.json").await.is(200);
        assert_eq!(served.header("content-type"), "application/json");
        let printed = serde_json::to_value(vaora::api::document()).unwrap();
        assert_eq!(served.json(), printed);
        insta::assert_json_snapshot!("openapi", printed);
        for route in source::routes() {
            let (method, path) = route.split_once(' ').unwrap();
            if path.starts_with("/api/") && path != "/api/v1/openapi.json" {
                let described = &printed["paths"][path][method.to_lowercase()]["responses"];
                assert!(described["401"].is_object(), "{route}");
            }
        }
    }

    async fn places_come_by_page_without_contacts(app) {
        for number in 0..3 {
            app.place(&format!("Quán {number}")).await;
        }
        app.place_in("Nơi khác", app.elsewhere().await).await;
        let mut officer = app.officer(Role::UnitOfficer).await;
        let list = officer.get("/api/v1/places").await.is(200);
        let body = list.json();
        assert_eq!(body["total"], 3);
        let names: Vec<&str> =
            body["places"].as_array().unwrap().iter().map(|place| place["name"].as_str().unwrap()).collect();
        assert_eq!(names, ["Quán 0", "Quán 1", "Quán 2"]);
        assert!(!list.text().contains(crate::common::places::OWNER_NAME));
        assert_eq!(officer.get("/api/v1/places?page=2").await.is(200).json()["places"], serde_json::json!([]));
        let wrong = officer.get("/api/v1/places?page=two").await.is(400);
        assert_eq!(wrong.header("content-type"), "application/problem+json");
        let mut reviewer = app.officer(Role::Reviewer).await;
        assert_eq!(reviewer.get("/api/v1/places").await.is(200).json()["total"], 4);
    }

    async fn unknown_api_routes_answer_with_a_problem(app) {
        let answer = app.stranger().get("/api/v1/people").await.is(404);
        assert_eq!(answer.header("content-type"), "application/problem+json");
        assert_eq!(answer.json()["type"], "/problems/not-found");
        let wrong = app.stranger().english().get("/api/v1/people").await.is(404).json();
        assert_ne!(wrong["title"], answer.json()["title"]);
        let page = app.stranger().get("/nowhere").await.is(404);
        assert!(page.words().contains("Không tìm thấy trang này"), "{}", page.words());
    }

    async fn every_answer_carries_the_guarding_headers(app) {
        for path in ["/", "/api/v1/openapi.json", "/nowhere", "/static/app.css"] {
            let answer = app.stranger().get(path).await;
            assert!(answer.header("content-security-policy").contains("default-src 'self'"), "{path}");
            assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
            assert_eq!(answer.header("referrer-policy"), "no-referrer", "{path}");
        }
    }
}
