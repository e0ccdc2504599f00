package avdaily.studio;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;

/** All relations and the foreign keys between them, read once for however much is made of them. */
record Catalog(List<Relation> relations, List<Reference> references) {
    static Catalog of(Connection c) throws SQLException {
        return new Catalog(Relation.all(c), Reference.all(c));
    }
}
