"""The two workbooks from which LibreOffice 7.4 made the other files in this folder, by `soffice --headless --convert-to
'csv:Text - txt - csv (StarCalc):59,34,ANSI,1,,0,false,true'` and the like, with `ooSetupSystemLocale` as in a file's name."""

from openpyxl import Workbook
T="first name,last name,email address,password,user login,routing profile name,security_profile_name_1|security_profile_name_2,phone type (soft/desk),phone number,soft phone auto accept (yes/no),ACW timeout (seconds),user_hierarchy_1|user_hierarchy_2,tags".split(",")
west=[
 ["Zoë","O'Hara, Jr.","zoe.ohara@example.com",None,"Zoe.OHara","Basic Routing Profile","Agent|CallCenterManager","soft",None,True,300,"East|Team 1","team:east|shift:early"],
 ["Jürgen \"JJ\"","Müßig","juergen.muessig@example.com",None,"juergen.muessig","Contact Tracers Profile","Agent","desk","+12025550123",False,120,None,None],
 ["René","D'Été; fils","rene@example.com",None,"007","=Odd, \"Profile\"","Agents West","desk","+442079460958",False,0,"West|Team 1",None],
 ["Ana  Sofía","Peña","a.pena@example.com",None,"1-2","Basic Routing Profile","Agent","soft",None,True,1200,None,"cost:1,5"],
]
world=[
 ["Łukasz","Dvořák","lukasz@example.com",None,"lukasz.dvorak","Basic Routing Profile","Agent","soft",None,True,300,"West|+Ünïcode",None],
 ["太郎","山田","taro@example.com",None,"taro.yamada","Contact Tracers Profile","Agent","desk","+819012345678",False,60,None,None],
 ["محمد","علي","ali@example.com",None,"ali","Basic Routing Profile","agents EAST","soft",None,False,0,None,"team:شرق"],
 ["😀 Ann","Doe","ann@example.com",None,"3E5","Basic Routing Profile","Agent","soft",None,True,45,None,None],
]
for name,rows in (("west",west),("world",world)):
    b=Workbook(); s=b.active; s.title=name
    s.append(T)
    for r in rows: s.append(r)
    for cs in s.iter_rows():
        for c in cs:
            if isinstance(c.value,str): c.data_type="s"
    b.save(f"{name}.xlsx")
