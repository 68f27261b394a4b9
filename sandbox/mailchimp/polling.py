"""Surveys as Mailchimp keeps them: a scale, a remark, and who answered."""

from sandbox.mailchimp.stamps import stamp
from sandbox.mailchimp.store import Json, Store, Survey, token
from sandbox.world import Event
from sandbox.world import Survey as Asked


def new_survey(asked: Asked, list_id: str) -> Survey:
    """A published survey: question one on the scale, question two free text."""
    key, at = token("survey", asked.key), stamp(asked.created_at)
    info = {
        "id": key,
        "web_id": 700 + asked.key,
        "list_id": list_id,
        "title": asked.name,
        "url": f"https://us19.list-manage.com/survey?u=brightloom&id={key}",
        "status": "published",
        "published_at": at,
        "created_at": at,
        "updated_at": at,
    }
    scale: Json = {
        "id": f"{key}-1",
        "query": asked.question,
        "type": "range",
        "is_required": True,
        "range_low_label": f"{asked.scale_min}: not at all",
        "range_high_label": f"{asked.scale_max}: very much",
    }
    remark: Json = {"id": f"{key}-2", "query": "What is the reason?", "type": "text", "is_required": False}
    return Survey(info, [scale, remark])


def record(store: Store, event: Event, contact_id: str) -> None:
    """Write one answer of the world down."""
    survey = store.surveys[token("survey", event.survey)]
    write_answer(
        survey, contact_id, stamp(event.at), f"{event.value:g}", str((event.order or {}).get("text", ""))
    )


def write_answer(survey: Survey, contact_id: str, at: str, value: str, text: str) -> Json:
    """Write one answer down: a value on the scale, and a remark, which may be blank."""
    scale, remark = survey.questions
    answers = [(scale, value), (remark, text)]
    response = {
        "response_id": token("response", survey.info["id"], contact_id, at),
        "submitted_at": at,
        "contact_id": contact_id,
        "results": [
            {
                "question_id": question["id"],
                "question_type": question["type"],
                "query": question["query"],
                "answer": answer,
            }
            for question, answer in answers
            if answer
        ],
    }
    survey.responses.append(response)
    return response
