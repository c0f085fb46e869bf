"""Lists as the tools of organisers write them, two or three people each."""
# ruff: noqa: E501

GOOGLE_FORM = """\
Timestamp,Email Address,Your full name,"What is your GitHub username? (If you have none, create one at github.com)",Do you have a GitHub account?,Comments
2026/01/05 10:11:12 AM GMT+1,ada@uni.example,Ada Lovelace,https://github.com/adalove,Yes,"Vegetarian,
window seat"
2026/01/05 10:12:40 AM GMT+1,bob@uni.example,Bob Ray,@bobby-r ,Yes,
2026/01/05 11:01:00 AM GMT+1,cy@uni.example,Cy Twombly,I don't have one,No,
"""

INDICO = """\
ID,Name,Email Address,Affiliation,Position,GitHub account,Registration date,Registration state
12,Ada Lovelace,ada@uni.example,University of Turin,PhD,adalove,2026-01-05T10:11:12+01:00,Completed
13,Bob Ray,bob@uni.example,CERN,PhD,bobby-r,2026-01-06T10:11:12+01:00,Withdrawn
14,Cy Twombly,cy@uni.example,CERN,Postdoc,github.com/cytwo,2026-01-06T11:11:12+01:00,Completed
"""

PRETIX = """\
"Order code";"Order date";"Status";"Product";"Attendee name";"Attendee name: Given name";"Attendee name: Family name";"Attendee email";"E-mail";"Supervisor e-mail";"GitHub-Benutzername"
"ABCDE";"2026-01-05";"Paid";"Student ticket";"Ada Lovelace";"Ada";"Lovelace";"ada@uni.example";"office@uni.example";"boss@uni.example";"adalove"
"FGHIJ";"2026-01-05";"Paid";"TA ticket";"Bob Ray";"Bob";"Ray";"bob@uni.example";"office@uni.example";"boss@uni.example";"bobby-r"
"KLMNO";"2026-01-05";"Canceled";"Student ticket";"Cy Twombly";"Cy";"Twombly";"cy@uni.example";"office@uni.example";"boss@uni.example";"cytwo"
"""

EVENTBRITE = """\
Order #,Order Date,First Name,Last Name,Email,Quantity,Ticket Type,Attendee Status,GitHub handle
991,2026-01-05 10:11,Ada,Lovelace,ada@uni.example,1,Regular,Attending,adalove
992,2026-01-05 10:12,Bob,Ray,bob@uni.example,1,Regular,Not Attending,bobby-r
"""

MOODLE = """\
"First name",Surname,"ID number",Institution,Department,"Email address",Username,Groups
Ada,Lovelace,12345,,,ada@uni.example,al123,"Tutorial A"
Bob,Ray,12346,,,bob@uni.example,br124,"Tutorial B"
"""

CANVAS = """\
Student,ID,SIS User ID,SIS Login ID,Section,Quiz 1 (87568490),GitHub username (87568491)
"    Points Possible",,,,,10.0,
"Lovelace, Ada",1234,U0123,al123,Lecture 1,9.5,adalove
"Ray, Bob",1235,U0124,br124,Lecture 1,8.0,bobby-r
"Student, Test",,,,Lecture 1,,
"""

CLASSROOM = """\
"identifier","github_username","github_id","name"
"ada@uni.example","adalove","583231","Ada Lovelace"
"bob@uni.example","","",""
"""

EXCEL_GERMAN = """\
Zeitstempel;E-Mail-Adresse;Vorname;Nachname;GitHub-Benutzername;Rolle;Bemerkungen\r
05.01.2026 10:11:12;ada@uni.example;Ada;Lovelace;adalove;Teilnehmerin;\r
05.01.2026 10:12:12;joerg@uni.example;Jörg;Müller;joerg-m;Tutor;„Anreise“ später – 5 €\r
"""

FRENCH = """\
Horodateur\tNom\tPrénom\tAdresse e-mail\tNom d'utilisateur GitHub
05/01/2026 10:11:12\tLovelace\tAda\tada@uni.example\tadalove
05/01/2026 10:12:12\tRay\tBob\tbob@uni.example\tbobby-r
"""

SPANISH = """\
Marca temporal,Nombre,Apellidos,Correo electrónico,Usuario de GitHub
05/01/2026 10:11:12,Ada,Lovelace,ada@uni.example,adalove
05/01/2026 10:12:12,Bob,Ray,bob@uni.example,bobby-r
"""

JAPANESE = """\
タイムスタンプ,氏名,メールアドレス,GitHubのユーザー名
2026/01/05 10:11:12,ラブレス エイダ,ada@uni.example,ａｄａｌｏｖｅ
2026/01/05 10:12:12,レイ ボブ,bob@uni.example,bobby-r
"""

TITLES_ABOVE = """\
Summer school 2026: participants,,,
exported on 2026-01-05,,,
,,,
Name,E-mail,GitHub,Comment
Ada Lovelace,ada@uni.example,adalove,
Bob Ray,bob@uni.example,bobby-r,

Name,E-mail,GitHub,Comment
Cy Twombly,cy@uni.example,cytwo,late
"""

MICROSOFT_FORM = """\
ID,Start time,Completion time,Email,Name,GitHub profile link,Which days?
1,1/5/26 10:00:00,1/5/26 10:02:00,anonymous,,https://github.com/adalove,Mo;Tu;We;
2,1/5/26 10:01:00,1/5/26 10:03:00,anonymous,,https://github.com/bobby-r,Mo;Tu;
"""
