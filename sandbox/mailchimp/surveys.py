"""Survey reports over HTTP."""

from typing import Any

from sandbox.mailchimp.call import Call, Json
from sandbox.mailchimp.problems import missing
from sandbox.mailchimp.store import Store, Survey

_STATUS = {
    "subscribed": "Subscribed",
    "unsubscribed": "Unsubscribed",
    "cleaned": "Cleaned",
    "archived": "Archived",
}


def _survey(call: Call, survey_id: str) -> Survey:
    found = call.store.surveys.get(survey_id)
    if found is None:
        raise missing()
    return found


def _shown(call: Call, survey: Survey) -> Json:
    audience = call.store.audience(survey.info["list_id"])
    return {
        **survey.info,
        "list_name": audience.info["name"],
        "total_responses": len(survey.responses),
    }


def _contact(store: Store, survey: Survey, contact_id: str) -> Json:
    audience = store.audience(survey.info["list_id"])
    member = audience.members.get(audience.by_contact.get(contact_id, ""))
    if member is None:
        return {
            "contact_id": contact_id,
            "email_id": "",
            "email": "",
            "status": "Non-Subscribed",
            "full_name": "",
        }
    merge = member["merge_fields"]
    return {
        "email_id": member["id"],
        "contact_id": contact_id,
        "status": _STATUS.get(member["status"], "Non-Subscribed"),
        "email": member["email_address"],
        "phone": str(merge.get("PHONE", "")),
        "full_name": f"{merge.get('FNAME', '')} {merge.get('LNAME', '')}".strip(),
        "consents_to_one_to_one_messaging": True,
        "avatar_url": "",
    }


def list_surveys(call: Call) -> Json:
    """GET /reporting/surveys."""
    return call.page("surveys", list(call.store.surveys.values()), lambda survey: _shown(call, survey))


def get_survey(call: Call, survey_id: str) -> Json:
    """GET /reporting/surveys/{id}."""
    return _shown(call, _survey(call, survey_id))


def _answers(survey: Survey, question_id: str) -> list[Json]:
    return [
        {"response": response, "value": result["answer"]}
        for response in survey.responses
        for result in response["results"]
        if result["question_id"] == question_id
    ]


def _question(survey: Survey, question: Json) -> Json:
    answers = _answers(survey, question["id"])
    told = {
        **question,
        "survey_id": survey.info["id"],
        "total_responses": len(answers),
        "contact_counts": {"new": 0, "known": len(answers), "unknown": 0},
    }
    if question["type"] == "range" and answers:
        told["average_rating"] = round(sum(float(a["value"]) for a in answers) / len(answers), 2)
    return told


def list_questions(call: Call, survey_id: str) -> Json:
    """GET /reporting/surveys/{id}/questions: all of them."""
    survey = _survey(call, survey_id)
    rows = [_question(survey, question) for question in survey.questions]
    return {"questions": rows, "total_items": len(rows), **call.links()}


def get_question(call: Call, survey_id: str, question_id: str) -> Json:
    """GET /reporting/surveys/{id}/questions/{id}."""
    survey = _survey(call, survey_id)
    for question in survey.questions:
        if question["id"] == question_id:
            return _question(survey, question)
    raise missing()


def list_answers(call: Call, survey_id: str, question_id: str) -> Json:
    """GET /reporting/surveys/{id}/questions/{id}/answers."""
    survey = _survey(call, survey_id)
    get_question(call, survey_id, question_id)
    rows = [
        {
            "id": f"{answer['response']['response_id']}-{question_id}",
            "value": answer["value"],
            "response_id": answer["response"]["response_id"],
            "submitted_at": answer["response"]["submitted_at"],
            "contact": _contact(call.store, survey, answer["response"]["contact_id"]),
            "is_new_contact": False,
        }
        for answer in _answers(survey, question_id)
    ]
    return {"answers": rows, "total_items": len(rows), **call.links()}


def _response(call: Call, survey: Survey, response: Json) -> Json:
    return {
        "response_id": response["response_id"],
        "submitted_at": response["submitted_at"],
        "contact": _contact(call.store, survey, response["contact_id"]),
        "is_new_contact": False,
    }


def list_responses(call: Call, survey_id: str) -> Json:
    """GET /reporting/surveys/{id}/responses: all at once, there are no pages."""
    survey = _survey(call, survey_id)
    rows = [_response(call, survey, response) for response in survey.responses]
    return {"responses": rows, "total_items": len(rows), **call.links()}


def get_response(call: Call, survey_id: str, response_id: str) -> Json:
    """GET /reporting/surveys/{id}/responses/{id}: with the answers."""
    survey = _survey(call, survey_id)
    for response in survey.responses:
        if response["response_id"] == response_id:
            return {**_response(call, survey, response), "results": response["results"]}
    raise missing()


ROUTES: list[tuple[str, str, Any]] = [
    ("GET", "/reporting/surveys", list_surveys),
    ("GET", "/reporting/surveys/<survey_id>", get_survey),
    ("GET", "/reporting/surveys/<survey_id>/questions", list_questions),
    ("GET", "/reporting/surveys/<survey_id>/questions/<question_id>", get_question),
    ("GET", "/reporting/surveys/<survey_id>/questions/<question_id>/answers", list_answers),
    ("GET", "/reporting/surveys/<survey_id>/responses", list_responses),
    ("GET", "/reporting/surveys/<survey_id>/responses/<response_id>", get_response),
]
