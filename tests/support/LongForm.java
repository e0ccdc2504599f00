import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;

/** A test that varies what a shorter one proves; it runs with {@code TEST_LONG=1}. */
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
@EnabledIfEnvironmentVariable(named = "TEST_LONG", matches = "1", disabledReason = "it belongs to the long form")
@interface LongForm {
    /** Whether a test that does the same several times is to do it more often. */
    boolean IS_ASKED_FOR = "1".equals(System.getenv("TEST_LONG"));
}
