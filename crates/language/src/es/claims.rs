//! How a change is claimed or promised in Spanish.

use crate::prose::Claims;

/// What Spanish has to say to claims.
pub(crate) const CLAIMS: Claims = Claims {
    sets: &[],
    phrases: &[
        "he|hemos ~ *ado|*ido|hecho|puesto|vuelto|deshecho|abierto|escrito",
        "lo|la|los|las he ... *ado|*ido|hecho|puesto",
        "^ ~ hecho|hecha",
        "^ ~ listo|lista $",
        "listo|lista $",
        "ya está|esta|quedó|quedo|están|quedaron ... *ado|*ida|*ado|*ada|*idos|*adas|*ados|hecho|lista|listo",
        "ha|han sido ... *ado|*ada|*ados|*adas|*ido|*ida|*idos|*idas|hecho|hecha",
        "se ha|han ~ *ado|*ido|hecho|puesto",
        "fue|fueron|quedó|quedo|quedaron|está|están ~ *ado|*ada|*ados|*adas|*ido|*ida|*idas|*idos|hecha|hecho|listo|lista",
        "añadí|agregué|borré|eliminé|marqué|moví|cambié|creé|actualicé|anoté|apunté|guardé|pospuse|puse|quité|renombré|reprogramé|programé|restauré|deshice",
        "^ ~ añadido|añadida|agregado|agregada|borrado|borrada|eliminado|eliminada|marcado|marcada|movido|movida|cambiado|cambiada|completado|completada|creado|creada|actualizado|actualizada|anotado|anotada|guardado|apuntado|programado",
        "tarea|tareas|recordatorio|cita|cambio|cambios ~ añadida|añadidas|agregada|agregado|borrada|borradas|eliminada|eliminadas|marcada|movida|creada|creado|completada|actualizada|añadido|guardado|guardados|programado",
        "voy|vamos a añadir|agregar|borrar|eliminar|marcar|mover|cambiar|completar|crear|actualizar|anotar|apuntar|poner|quitar|guardar|recordar*|recordarte|añadirlo|borrarlo|marcarlo",
        "te lo|la|los|las ... recordaré|añado|añadiré|apunto|anoto|marco",
        "completé la|el|los|las|tu|tus",
        "te recordaré|recordare|avisaré",
        "añadiré|agregaré|borraré|eliminaré|marcaré|moveré|cambiaré|completaré|crearé|actualizaré|anotaré|apuntaré|pondré|quitaré",
        "déjame|permíteme añadir*|agregar*|borrar*|eliminar*|marcar*|mover*|cambiar*",
        "enseguida|ahora mismo lo|la|añado|borro|marco|agrego",
        "añadiendo|borrando|eliminando|marcando|moviendo",
        "lo|la|los|las ... añado|borro|elimino|marco|agrego|apunto|anoto|muevo|cambio ahora|ya|enseguida",
        "considéralo|dalo por",
        "con éxito",
        "correctamente",
        "exitosamente",
    ],
    honest: &["has ... *ado|*ido", "pendiente|pendientes de ... *ado"],
    negations: &[
        "no", "nada", "nunca", "ninguna", "ningún", "ninguno", "tampoco", "sin", "has", "habías",
    ],
    joints: &["y", "pero", "e"],
    openers: &[
        "ok", "vale", "perfecto", "claro", "sí", "bien", "muy", "ya", "genial", "pues", "y",
        "tarea", "todo",
    ],
    fillers: &[
        "ya", "también", "ahora", "todo", "sido", "bien", "la", "lo", "tarea",
    ],
    conditions: &["si", "cuando"],
    ..Claims::NONE
};
