package io.github.deletionpolicy.scenario.environment;

import java.time.Instant;

import io.github.deletionpolicy.DeleteTemplate;
import io.github.deletionpolicy.UnknownTableException;
import io.github.deletionpolicy.scenario.Application;
import jakarta.persistence.Entity;
import jakarta.persistence.EntityManager;
import jakarta.persistence.EntityManagerFactory;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

import org.springframework.orm.jpa.JpaTransactionManager;
import org.springframework.orm.jpa.SharedEntityManagerCreator;
import org.springframework.transaction.PlatformTransactionManager;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * An application that reads and writes with JPA and deletes by policy.
 */
class JpaIT {

	@RegisterExtension
	private static final Application application = Application.of(
			"CREATE TABLE users (id bigint PRIMARY KEY, deletion_time timestamptz)", "spring.autoconfigure.exclude=",
			"deletion-policy.tables.users.mode=scheduled", "deletion-policy.tables.users.delay=30d");

	private static EntityManager entities;

	private static DeleteTemplate deletes;

	@BeforeAll
	static void beans() {
		entities = SharedEntityManagerCreator.createSharedEntityManager(application.bean(EntityManagerFactory.class));
		deletes = application.deletes();
	}

	@BeforeEach
	void oneUser() {
		application.jdbc().sql("TRUNCATE users, deletion_operation, deletion_chunk").update();
		application.jdbc().sql("INSERT INTO users VALUES (1)").update();
	}

	@Test
	void deleteJoinsTheTransactionOfJpa() {
		assertThat(application.bean(PlatformTransactionManager.class)).isInstanceOf(JpaTransactionManager.class);
		application.transactions().executeWithoutResult((status) -> {
			entities.persist(new User(2L));
			assertThat(deletes.from("users").byId(1).execute().rows()).isOne();
			status.setRollbackOnly();
		});
		assertThat(application.liveIds("users")).containsExactly(1L);
		assertThat(application.operations()).isZero();
		assertThat(application.chunks()).isZero();
	}

	@Test
	void deleteCommitsWithTheTransactionOfJpa() {
		application.transactions().executeWithoutResult((status) -> {
			entities.persist(new User(2L));
			deletes.from("users").byId(1).execute();
		});
		assertThat(application.liveIds("users")).containsExactly(2L);
		assertThat(application.operations()).isOne();
	}

	@Test
	void deleteSeesWhatWasFlushedBefore() {
		application.transactions().executeWithoutResult((status) -> {
			entities.persist(new User(2L));
			assertThat(deletes.from("users").byId(2).execute().rows()).isZero();
			entities.flush();
			assertThat(deletes.from("users").byId(2).execute().rows()).isOne();
		});
	}

	@Test
	void entityIsReadAnewAfterClear() {
		application.transactions().executeWithoutResult((status) -> {
			User user = entities.find(User.class, 1L);
			deletes.from("users").byId(1).execute();
			assertThat(entities.find(User.class, 1L)).isSameAs(user);
			assertThat(user.deletionTime).isNull();
			entities.clear();
			assertThat(entities.find(User.class, 1L).deletionTime).isNotNull();
		});
	}

	@Test
	void entityClassIsNoAggregateRoot() {
		assertThatExceptionOfType(UnknownTableException.class)
			.isThrownBy(() -> deletes.from(User.class).byId(1).execute())
			.withMessageContaining("is a JPA entity")
			.withMessageContaining("from(\"users\")");
		assertThat(application.liveIds("users")).containsExactly(1L);
	}

	@Entity
	@Table(name = "users")
	static class User {

		@Id
		private @Nullable Long id;

		private @Nullable Instant deletionTime;

		protected User() {
		}

		User(Long id) {
			this.id = id;
		}

	}

}
