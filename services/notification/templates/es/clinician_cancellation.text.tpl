Hola:

La visita virtual con la referencia {{APPOINTMENT}} en {{PRACTICE}} está cancelada, o ahora es de otro profesional. Su hora vuelve a estar libre.

El archivo de calendario que acompaña este correo la quita de su calendario. Nadie lee las respuestas a este correo.

{{PRACTICE}}
