"""Words that headings are made of, in the languages of form tools, and the fields they name.

Phrases are written as ``normalised`` leaves them: small letters, no accents, single blanks.
"""

from __future__ import annotations

import re
from typing import Final

from growth_admin.roster.lists.cells import folded


def _phrases(text: str) -> tuple[str, ...]:
    """Return the phrases of a text, which stand between commas."""
    return tuple(" ".join(phrase.split()) for phrase in text.split(","))


EMAIL: Final = _phrases(
    """
    email, emails, mail, emailaddress, email address, mail address, email id, emailadresse,
    mailadresse, email adresse, adresse email, adresse mail, courriel, adresse electronique,
    adresse de messagerie, correo, correo electronico, posta elettronica, indirizzo email,
    endereco de email, emailadres, epost, epostadress, epostadresse, sahkoposti, adres email,
    emailova adresa, почта, электронная почта, эл почта,
    メール, メールアドレス, 电子邮件, 邮箱, 電子郵件, 이메일,
    البريد الالكتروني
    """
)
ACCOUNT: Final = _phrases(
    """
    username, usernames, login, handle, account, user, nick, nickname, profile, benutzername,
    benutzerkonto, konto, kontoname, kennung, nutzername, nutzerkonto, nom d utilisateur, nom
    utilisateur, identifiant, pseudo, compte, profil, usuario, nombre de usuario, cuenta,
    perfil, nome utente, utente, profilo, nome de usuario, utilizador, conta, gebruikersnaam,
    anvandarnamn, brugernavn, brukernavn, kayttajatunnus, nazwa uzytkownika, uzivatelske jmeno,
    логин, имя пользователя, никнейм, аккаунт,
    ユーザー名, アカウント, 用户名, 账号, 사용자 이름, 아이디
    """
)
"""Words for an account of some kind; beside "github" they mean the login."""
OWN_LOGIN: Final = _phrases(
    """
    login, username, logins, usernames, handle, login name, user login
    """
)
"""Headings that may mean the GitHub login although they do not say so."""
NUMBER: Final = _phrases(
    """
    id, number, account id, user id, account number, numeric id, uid
    """
)
NAME: Final = _phrases(
    """
    name, names, full name, your name, fullname, real name, display name, displayname, student,
    student name, participant, participant name, attendee, attendee name, name of participant,
    name of student, registrant, registrant name, person, people, vollstandiger name, vollst
    name, vor und nachname, vor und zuname, name vorname, ihr name, dein name, teilnehmer,
    teilnehmername, nom complet, nom et prenom, nom prenom, prenom et nom, prenom nom, votre
    nom, nombre completo, nombre y apellidos, nombre y apellido, apellidos y nombre, nome
    completo, nome e cognome, cognome e nome, volledige naam, naam, namn, fullstandigt namn,
    navn, fulde navn, fullt navn, nimi, imie i nazwisko, cele jmeno, jmeno a prijmeni, фио,
    полное имя, имя и фамилия, first and last name, first name and last name, last name first
    name, name first last, 氏名, お名前, 名前, 姓名, 이름, 성명, ad soyad, الاسم, nom, nome, nombre
    """
)
NAME_PHRASES: Final = _phrases(
    """
    name, full name, nom complet, nombre completo, nome completo, naam, namn, navn, nom et
    prenom, prenom et nom, nombre y apellidos, imie i nazwisko, фио, 姓名, 氏名
    """
)
"""Phrases that make a longer heading one of a name."""
KINDS_OF_PEOPLE: Final = _phrases(
    """
    student, participant, attendee, person, people, teilnehmer
    """
)
"""Headings of a name that are as likely a cell of the team's column."""
GIVEN: Final = _phrases(
    """
    first name, firstname, first names, given name, given names, givenname, forename, forenames,
    vorname, vornamen, rufname, prenom, prenoms, voornaam, fornamn, fornavn, etunimi, imie,
    jmeno, krestni jmeno, имя, preferred first name, 名, nombre de pila, primeiro nome
    """
)
FAMILY: Final = _phrases(
    """
    last name, lastname, surname, family name, familyname, nachname, familienname, zuname, nom
    de famille, apellido, apellidos, cognome, sobrenome, apelido, achternaam, efternamn,
    efternavn, etternavn, sukunimi, nazwisko, prijmeni, фамилия, 姓, soyad
    """
)
BARE_NAMES: Final = frozenset(
    _phrases(
        """
    name, nom, nome, nombre, naam, namn, navn, nimi
    """
    )
)
"""Words that mean the whole name alone, and a part of it beside the other part."""
TEAM: Final = _phrases(
    """
    team, teams, github team, team slug, equipe, equipo, squadra
    """
)
WEAK_TEAM: Final = _phrases(
    """
    group, groups, role, roles, rolle, gruppe, gruppen, groupe, groupes, grupo, type, category,
    kategorie, categorie, categoria, ticket, ticket type, ticket name, product, produkt, item,
    participant type, participation type, registration type, registration form, position,
    funktion, function, i am a, you are a, ruolo, rol, participation, attendee type, membership,
    track, status, type of participation
    """
)
"""Headings of a team only if their cells name the school's teams."""
NOTE: Final = _phrases(
    """
    note, notes, comment, comments, remark, remarks, bemerkung, bemerkungen, anmerkung,
    anmerkungen, kommentar, kommentare, notiz, notizen, commentaire, commentaires, remarque,
    remarques, nota, notas, comentario, comentarios, observaciones, opmerking, opmerkingen,
    anything else, uwagi, poznamka, 備考, 备注
    """
)
STATUS: Final = _phrases(
    """
    status, state, registration state, registration status, attendee status, order status,
    anmeldestatus, statut, estado, stato, participation status, rsvp
    """
)
MOMENT: Final = _phrases(
    """
    timestamp, zeitstempel, horodateur, marca temporal, informazioni cronologiche, carimbo de
    data hora, tidstampel, tidsstempel, tijdstempel, aikaleima, completion time, sygnatura
    czasowa, submitted at, submission date, submit date, date submitted, abgeschickt am,
    fertigstellungszeit, heure de fin, hora de finalizacion, end date, отметка времени,
    タイムスタンプ,
    时间戳记, 時間戳記, 타임스탬프, datestamp, date last action
    """
)
"""When a form was answered: whoever stands in it twice has answered twice."""
OTHER_SERVICES: Final = _phrases(
    """
    gitlab, bitbucket, linkedin, twitter, discord, slack, telegram, whatsapp, skype, zoom,
    orcid, kaggle, instagram, facebook, mastodon, bluesky, codeberg, gitea, moodle, canvas, sis,
    lms, ilias, stud ip, docker, huggingface, hugging face, google, microsoft, apple, unix,
    ldap, uni, university, campus, cern, jupyterhub
    """
)
OTHER_PEOPLE: Final = _phrases(
    """
    supervisor, advisor, adviser, emergency, parent, guardian, referee, reference, recommender,
    betreuer, betreuerin, notfall, urgence, contact person, mentor, boss, manager, head of,
    professor, principal investigator, colleague, invited by
    """
)
"""Words that make a name or an address that of somebody else."""
OTHER_THINGS: Final = _phrases(
    """
    invoice, billing, rechnung, rechnungs, buyer, payer, facture, purchaser, gift, team, group,
    ticket, user, company, institution, institute, affiliation, organization, organisation,
    school, university, department, course, event, project, file, product, country, city, badge,
    institut, hochschule, firma, veranstaltung, middle, pet, list, voucher
    """
)
"""Words that make a name that of something else, and an address the less likely one."""
NOT_A_LOGIN: Final = _phrases(
    """
    repo, repos, repository, repositories, project, projects, sample, samples, experience,
    organization, organisation, org, how, why, familiar, used, skill, skills, level, often,
    course, comfortable, know, erfahrung, kenntnisse, do you, have you, are you, hast du, haben
    sie, avez vous, commit, commits, issue, branch
    """
)
"""Words that make a question about GitHub one that no login answers."""
LMS_MARKS: Final = _phrases(
    """
    id number, sis user id, sis login id, idnumber, matrikelnummer, student id, last access, sis
    id, student number, zuletzt aufgerufen, numero d identification
    """
)
"""Headings of course systems; a "username" beside them is the one of that system."""
CANCELLED: Final = frozenset(
    _phrases(
        """
    cancelled, canceled, withdrawn, rejected, declined, refunded, not attending, storniert,
    abgesagt, abgelehnt, zuruckgezogen, annule, annulee, refuse, cancelado, cancelada,
    annullato, rechazado, geannuleerd, c canceled
    """
    )
)

_CAMEL: Final = re.compile(r"(?<=[a-z])(?=[A-Z])")
_BETWEEN: Final = re.compile(r"[\W_]+")
_JOINED: Final = (
    ("git hub", "github"),
    ("e mails", "emails"),
    ("e mail", "email"),
    ("e post", "epost"),
    ("user name", "username"),
    ("user names", "usernames"),
    ("fore name", "forename"),
    ("sur name", "surname"),
)
_COMPOUND: Final = re.compile(r"\bgithub(?=\w)")


def normalised(title: str) -> str:
    """Return a heading as the phrases above are written."""
    text = _BETWEEN.sub(" ", folded(_CAMEL.sub(" ", title))).strip()
    for apart, together in _JOINED:
        text = re.sub(rf"\b{apart}", together, text)
    return _COMPOUND.sub("github ", text)


def has_phrase(heading: str, phrases: tuple[str, ...]) -> bool:
    """Return whether a normalised heading holds one of the phrases, as whole words.

    Scripts that write no blanks between words are searched as they are.
    """
    padded = f" {heading} "
    return any(
        f" {phrase} " in padded
        or (ord(phrase[0]) > 0x2E80 and len(phrase) > 1 and phrase in heading)
        for phrase in phrases
    )
