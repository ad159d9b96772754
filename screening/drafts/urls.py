"""URLs of the open draft, and of the change history of an edition."""

from django.urls import include, path, re_path

from .impact import views as impact
from .views import approval, cases, draft, follow_ups, history, old_addresses, preview, rules, texts

draft_urls = [
    path("", draft.draft_detail, name="draft_detail"),
    path("start/", draft.draft_start, name="draft_start"),
    path("again/<int:number>/", draft.draft_republish, name="draft_republish"),
    path("import/", draft.draft_import, name="draft_import"),
    path("discard/", draft.draft_discard, name="draft_discard"),
    path("library/", draft.draft_library, name="draft_library"),
    path("compare/", draft.draft_compare, name="draft_compare"),
    path("texts/", texts.draft_texts, name="draft_texts"),
    path("add-rule/", rules.rule_add, name="rule_add"),
    path("rules/<slug:link_id>/", rules.rule_edit, name="rule_edit"),
    path("rules/<slug:link_id>/move/", rules.rule_move, name="rule_move"),
    path("rules/<slug:link_id>/retire/", rules.rule_retire, name="rule_retire"),
    path("rules/<slug:link_id>/add-follow-up/", follow_ups.follow_up_add, name="follow_up_add"),
    path("rules/<slug:link_id>/follow-ups/<slug:code>/", follow_ups.follow_up_edit, name="follow_up_edit"),
    path("rules/<slug:link_id>/follow-ups/<slug:code>/move/", follow_ups.follow_up_move, name="follow_up_move"),
    path("rules/<slug:link_id>/follow-ups/<slug:code>/remove/", follow_ups.follow_up_remove, name="follow_up_remove"),
    path("cases/", cases.case_list, name="case_list"),
    path("add-case/", cases.case_add, name="case_add"),
    path("cases/<int:number>/", cases.case_edit, name="case_edit"),
    path("cases/<int:number>/remove/", cases.case_remove, name="case_remove"),
    path("preview/form/", preview.draft_preview_form, name="draft_preview_form"),
    path("preview/result/", preview.draft_preview_result, name="draft_preview_result"),
    path("preview/print/", preview.draft_preview_print, name="draft_preview_print"),
    path("impact/", impact.draft_impact, name="draft_impact"),
    path("impact/<slug:kind>.csv", impact.draft_call_back, name="draft_call_back"),
    path("history/", history.draft_history, name="draft_history"),
    path("propose/", approval.draft_propose, name="draft_propose"),
    path("take-back/", approval.draft_take_back, name="draft_take_back"),
    path("send-back/", approval.draft_send_back, name="draft_send_back"),
    path("publish/", approval.draft_publish, name="draft_publish"),
]

urlpatterns = [
    path("draft/", include(draft_urls)),
    path("editions/<int:number>/history/", history.edition_history, name="edition_history"),
    re_path(
        "^admin/screening/(?P<kind>ruleset|rule|case)/(?P<rest>.*)$", old_addresses.old_address, name="old_address"
    ),
]
