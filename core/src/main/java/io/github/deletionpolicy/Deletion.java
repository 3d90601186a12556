package io.github.deletionpolicy;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Says on an aggregate root what a delete of its table's rows means. Properties and
 * {@link DeletionPolicy} beans for the same table override it.
 * <p>
 * It is found on concrete classes in the packages that the application scans for
 * entities: the package of its main class and those below, unless {@code @EntityScan}
 * names others. The table is the one that Spring Data JDBC maps the class to. It is not
 * for JPA entities.
 *
 * @since 0.1
 */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.TYPE)
public @interface Deletion {

	/**
	 * What a plain delete does.
	 * @return the mode
	 */
	DeletionMode mode();

	/**
	 * How long after the delete the row becomes due for purging, such as {@code 30d} or
	 * {@code PT12H}; a bare number is days. Only for {@link DeletionMode#SCHEDULED}.
	 * @return the delay; empty for none
	 */
	String delay() default "";

	/**
	 * Name of the column that carries the deletion time.
	 * @return the column; empty for the default one
	 */
	String deletionTimeColumn() default "";

	/**
	 * SQL condition on the row's own columns that keeps a due row from being purged. Only
	 * for {@link DeletionMode#SCHEDULED}.
	 * @return the condition; empty for none
	 */
	String holdCondition() default "";

}
