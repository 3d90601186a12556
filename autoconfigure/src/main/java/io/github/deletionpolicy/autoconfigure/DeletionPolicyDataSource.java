package io.github.deletionpolicy.autoconfigure;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

import org.springframework.beans.factory.annotation.Qualifier;

/**
 * Marks the {@code DataSource} whose tables have policies, where an application has
 * several. The record of deletes lives in the same database. It also marks the
 * {@code PlatformTransactionManager} of that {@code DataSource} and the Quartz
 * {@code Scheduler} that starts the purge, where there are several of those.
 *
 * @since 0.1
 */
@Target({ ElementType.FIELD, ElementType.METHOD, ElementType.PARAMETER, ElementType.TYPE, ElementType.ANNOTATION_TYPE })
@Retention(RetentionPolicy.RUNTIME)
@Documented
@Qualifier
public @interface DeletionPolicyDataSource {

}
